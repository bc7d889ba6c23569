import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../packages/store/test/free-port.ts';
import { anywhere } from './engine.ts';
import { load } from './load.ts';
import type { LoadPlan } from './load-plan.ts';
import type { Bench } from './part.ts';

const program = fileURLToPath(new URL('./idle-server.ts', import.meta.url));
const plan = { warmUpMs: 2000, runMs: 5000, ratePerSecond: undefined, valueBytes: 256 } as const;

/** A load, and the most requests per second of it that an engine answered. */
export interface ReachedLoad extends Pick<LoadPlan, 'kind' | 'clients'> {
  readonly requestsPerSecond: number;
}

/**
 * How many times as much the generators reach with a server that does nothing, beside them on the same processors: the least of all loads. Below 2 it is
 * them that is measured.
 */
export async function generatorHeadroom(loads: readonly ReachedLoad[], tell: Bench['tell']): Promise<number> {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const server = fork(program, [endpoint]);
  const target = { endpoints: [endpoint], leader: async () => 0, place: () => anywhere };
  const headrooms: number[] = [];
  try {
    await once(server, 'message');
    for (const { kind, clients, requestsPerSecond } of loads) {
      const alone = await load(target, { ...plan, kind, clients });
      const headroom = alone.requestsPerSecond / requestsPerSecond;
      tell(
        `generators alone, ${kind}, ${clients} clients: ${alone.requestsPerSecond.toFixed(0)}/s, ${headroom.toFixed(2)} times`,
      );
      headrooms.push(headroom);
    }
  } finally {
    server.kill('SIGKILL');
  }
  return Math.min(...headrooms);
}
