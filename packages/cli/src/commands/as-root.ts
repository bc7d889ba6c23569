import { existsSync, mkdirSync } from 'node:fs';
import type { DevContext } from '../dev/dev-cluster.ts';
import {
  elevationOf,
  elevationVariable,
  handOver,
  handOverCache,
  leaveContainer,
} from '../dev/elevation/elevated-process.ts';
import { removeEmptyFolder } from '../dev/empty-folder.ts';

/**
 * A command that needs root. For root it simply runs. For a user who may use the Docker Engine the same command line is run as root by way
 * of it, and the files that the user reads are his afterwards.
 */
export function asRoot<Args extends readonly unknown[]>(
  { folder }: Pick<DevContext, 'folder'>,
  work: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const elevation = elevationOf(process.env);
    if (elevation !== undefined) {
      // Of no concern to what is started from here.
      delete process.env[elevationVariable];
      leaveContainer(elevation);
      try {
        await work(...args);
      } finally {
        handOver(elevation, folder.path);
        handOverCache(elevation, process.env['NODE_COMPILE_CACHE']);
      }
    } else if (process.geteuid?.() === 0) await work(...args);
    else process.exitCode = await elevated(folder.path);
  };
}

async function elevated(folderPath: string): Promise<number> {
  const { removeElevationImage, runAsRoot } = await import('../dev/elevation/run-as-root.ts');
  // The user's own, so that he can remove it.
  mkdirSync(folderPath, { recursive: true });
  const [, ...args] = process.argv;
  const code = await runAsRoot({ program: process.execPath, args });
  // The last command on a cluster ran in a container of that image, which an engine does not remove from below it.
  removeEmptyFolder(folderPath);
  if (!existsSync(folderPath)) await removeElevationImage();
  return code;
}
