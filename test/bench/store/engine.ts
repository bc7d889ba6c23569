import type { Dwelling, Launcher } from '../../../packages/store/test/embedded/process-cluster.ts';

/** Members of one cluster on this machine, each a process of its own. */
export interface Engine extends AsyncDisposable {
  readonly name: 'Berth' | 'etcd';
  /** `host:port` of all members. */
  readonly endpoints: readonly string[];
  /** Process ids of the members that run. */
  readonly pids: readonly number[];
  /** Starts a program next to a member, so that nothing slows down the way between the two. */
  place(member: number): Launcher;
  /** Position of the leader; waits for one. */
  leader(): Promise<number>;
  /** Rises with each election. */
  term(): Promise<number>;
  /** Without any warning. */
  kill(member: number): Promise<void>;
  start(member: number): Promise<void>;
  /** Stops a process where it stands, as a machine that swaps does, and lets it go on. */
  freeze(member: number): void;
  thaw(member: number): void;
  /** Hands the leadership over in an orderly way. */
  transfer(from: number, to: number): Promise<void>;
  /** Takes one more member in, with an empty disk. Resolves when it is a voter. */
  join(): Promise<void>;
  /** Sends the member that has joined away, with all it has. */
  leave(): Promise<void>;
}

/** Where members keep their data and live. */
export interface EngineSite {
  readonly folder: string;
  dwelling?(member: number): Dwelling;
}

/** Equal for both: etcd's defaults. */
export const heartbeatMs = 100;
export const electionMs = 1000;
export const size = 3;

export const anywhere: Launcher = ([command = '', ...args]) => [command, ...args];
