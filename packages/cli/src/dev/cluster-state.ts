import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ClusterPlan } from './cluster-plan.ts';
import { removeEmptyFolder } from './empty-folder.ts';
import { isAlive, type LaunchedProcess } from './launched-process.ts';

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
  /** For secrets that live as long as a start takes. */
  tokenOf(role: 'server' | 'agent'): string;
}

export function devFolder(path: string): DevFolder {
  return {
    path,
    kubeconfig: join(path, 'kubeconfig'),
    dataOf: (host) => join(path, 'data', host),
    logOf: (name) => join(path, 'logs', `${name}.log`),
    tokenOf: (role) => join(path, `${role}.token`),
  };
}

export function readState(folder: DevFolder): ClusterState | undefined {
  const file = join(folder.path, 'cluster.json');
  if (!existsSync(file)) return undefined;
  let state: Partial<ClusterState>;
  try {
    state = JSON.parse(readFileSync(file, 'utf8')) as Partial<ClusterState>;
  } catch (error) {
    throw new Error(`${file} is damaged: ${(error as Error).message}`, { cause: error });
  }
  if (state.version !== 1)
    throw new Error(`${file} was written by another version of Berth: remove the cluster with that one`);
  return state as ClusterState;
}

/** Replaces the file as a whole: a reader never sees half of it. */
export function writeState(folder: DevFolder, state: ClusterState): void {
  mkdirSync(join(folder.path, 'logs'), { recursive: true, mode: 0o755 });
  mkdirSync(join(folder.path, 'data'), { recursive: true, mode: 0o755 });
  const file = join(folder.path, 'cluster.json');
  writeFileSync(`${file}.next`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${file}.next`, file);
}

/** Forgets the cluster; with `keepData` its plan and what servers and nodes have stored stay for the next `up`. */
export function removeState(folder: DevFolder, options: { readonly keepData: boolean }): void {
  if (!options.keepData) {
    rmSync(folder.path, { recursive: true, force: true });
    // Of a checkout; the usual place, which is made by the first `up`.
    if (basename(dirname(folder.path)) === '.berth') removeEmptyFolder(dirname(folder.path));
    return;
  }
  const state = readState(folder);
  for (const name of readdirSync(folder.path)) {
    if (name !== 'data') rmSync(join(folder.path, name), { recursive: true, force: true });
  }
  if (state !== undefined) writeState(folder, emptyState(state.plan));
}

export function emptyState(plan: ClusterPlan): ClusterState {
  return { version: 1, plan, frontDoor: undefined, processes: {}, demoUrl: undefined };
}

/** The process of a host, if it lives. */
export function livingProcess(state: ClusterState, host: string): LaunchedProcess | undefined {
  const launched = state.processes[host];
  return launched !== undefined && isAlive(launched) ? launched : undefined;
}

/** Every host has its process, and the front door is open. */
export function isComplete(state: ClusterState): boolean {
  const { frontDoor, plan } = state;
  const hostsLive = plan.hosts.every(({ name }) => livingProcess(state, name) !== undefined);
  return hostsLive && frontDoor !== undefined && isAlive(frontDoor.process);
}

/** Something of the cluster runs. */
export function isRunning(state: ClusterState): boolean {
  return state.plan.hosts.some(({ name }) => livingProcess(state, name) !== undefined);
}
