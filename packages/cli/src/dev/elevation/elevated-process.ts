import { existsSync, lchownSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Tells a process that it was elevated, and for whom. */
export const elevationVariable = 'BERTH_ELEVATION';

export interface Elevation {
  /** Of the user who called. */
  readonly uid: number;
  readonly gid: number;
  /** The process that has started the container and waits for its end. */
  readonly callerPid: number;
  /** Where the user stands. */
  readonly folder: string;
}

/** What a process was elevated with; undefined for one that was started by root in the ordinary way. */
export function elevationOf(env: Readonly<Record<string, string | undefined>>): Elevation | undefined {
  const text = env[elevationVariable];
  return text === undefined ? undefined : (JSON.parse(text) as Elevation);
}

/**
 * Leaves the container's control groups for those of the caller: when the container ends, the engine kills whatever is in its groups, and
 * the cluster's processes are to live on.
 */
export function leaveContainer({ callerPid, folder }: Elevation): void {
  process.chdir(folder);
  for (const path of groupFiles(readFileSync(`/proc/${callerPid}/cgroup`, 'utf8'), '/sys/fs/cgroup')) {
    if (existsSync(path)) writeFileSync(path, String(process.pid));
  }
}

/** Files to which a process writes its pid to enter the groups that `/proc/PID/cgroup` lists, for either version of the interface. */
export function groupFiles(listing: string, root: string): readonly string[] {
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, controllers = '', ...path] = line.split(':');
      // Named hierarchies (name=systemd) are mounted by their name; version 2 stands at the root, or beside the others as `unified`.
      const hybrid = existsSync(join(root, 'unified')) ? 'unified' : '';
      const mount = controllers === '' ? hybrid : controllers.replace(/^name=/, '');
      return join(root, mount, path.join(':'), 'cgroup.procs');
    });
}

/** Gives the files that the user reads back to him: the folder of the cluster without what servers and nodes keep. */
export function handOver({ uid, gid }: Elevation, folder: string): void {
  if (!existsSync(folder)) return;
  lchownSync(folder, uid, gid);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === 'data') continue;
    lchownSync(path, uid, gid);
    if (lstatSync(path).isDirectory()) for (const inner of readdirSync(path)) lchownSync(join(path, inner), uid, gid);
  }
}

/** Compiled code that was kept below `node_modules` goes to the user whose packages these are, so that he can remove them. */
export function handOverCache(elevation: Elevation, cache: string | undefined): void {
  if (cache === undefined || !existsSync(cache)) return;
  const above = dirname(cache);
  if (lstatSync(dirname(above)).uid !== elevation.uid) return;
  lchownSync(above, elevation.uid, elevation.gid);
  handOver(elevation, cache);
}
