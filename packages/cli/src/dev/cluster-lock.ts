import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { World } from '@berth/world';
import type { Steps } from '../terminal/steps.ts';
import type { DevFolder } from './cluster-state.ts';

const askAgainMs = 20;

export interface LockContext {
  readonly folder: DevFolder;
  readonly steps: Steps;
  readonly world: World;
}

/**
 * One command at a time changes a local cluster: each reads the state, works, and writes it. Whoever comes second waits. The lock is a
 * socket in the kernel's abstract namespace: it is gone with the process that holds it, however that ends.
 */
export async function clusterLock({ folder, steps, world }: LockContext): Promise<AsyncDisposable> {
  const name = `\0berth-dev-${createHash('sha256').update(folder.path).digest('hex').slice(0, 16)}`;
  const free = await take(name);
  if (free !== undefined) return heldBy(free);
  return steps.run('waiting for another command of `berth dev`', async () => {
    for (;;) {
      await world.timers.sleep(askAgainMs);
      const taken = await take(name);
      if (taken !== undefined) return heldBy(taken);
    }
  });
}

function heldBy(server: Server): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Undefined when another process has it. */
function take(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((stranger) => stranger.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server.unref()));
  });
}
