import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterPlan } from './cluster-plan.ts';
import type { LaunchedProcess } from './launched-process.ts';

/** What the commands of `berth dev` know of the local cluster, kept in one file. */
export interface ClusterState {
  readonly version: 1;
  readonly plan: ClusterPlan;
  /** The door on loopback through which kubectl reaches whichever server is well. */
  readonly frontDoor: { readonly port: number; readonly process: LaunchedProcess } | undefined;
  /** The Berth process of each host, by host name; absent once it was stopped or killed. */
  readonly processes: Readonly<Record<string, LaunchedProcess>>;
  readonly demoUrl: string | undefined;
}

/** Files of one local cluster. */
export interface DevFolder {
  readonly path: string;
  readonly kubeconfig: string;
  dataOf(host: string): string;
  logOf(process: string): string;
}

export function devFolder(path: string): DevFolder {
  return {
    path,
    kubeconfig: join(path, 'kubeconfig'),
    dataOf: (host) => join(path, 'data', host),
    logOf: (name) => join(path, 'logs', `${name}.log`),
  };
}

export function readState(folder: DevFolder): ClusterState | undefined {
  const file = join(folder.path, 'cluster.json');
  if (!existsSync(file)) return undefined;
  const state = JSON.parse(readFileSync(file, 'utf8')) as ClusterState;
  if (state.version !== 1)
    throw new Error(`${file} was written by another version of Berth; remove ${folder.path} by hand`);
  return state;
}

/** Replaces the file as a whole: a reader never sees half of it. */
export function writeState(folder: DevFolder, state: ClusterState): void {
  mkdirSync(join(folder.path, 'logs'), { recursive: true, mode: 0o750 });
  mkdirSync(join(folder.path, 'data'), { recursive: true, mode: 0o750 });
  const file = join(folder.path, 'cluster.json');
  writeFileSync(`${file}.next`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${file}.next`, file);
}

/** Forgets the cluster; with `keepData` what servers and nodes have stored stays for the next `up`. */
export function removeState(folder: DevFolder, options: { readonly keepData: boolean }): void {
  if (!options.keepData) {
    rmSync(folder.path, { recursive: true, force: true });
    return;
  }
  rmSync(join(folder.path, 'logs'), { recursive: true, force: true });
  rmSync(folder.kubeconfig, { force: true });
  const state = readState(folder);
  if (state !== undefined) writeState(folder, { ...state, frontDoor: undefined, processes: {}, demoUrl: undefined });
}
