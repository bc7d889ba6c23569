/** Three members of one cluster on this machine, each a process of its own. */
export interface Engine extends AsyncDisposable {
  readonly name: 'Berth' | 'etcd';
  /** `host:port` of all members. */
  readonly endpoints: readonly string[];
  /** Process ids of the members that run. */
  readonly pids: readonly number[];
  /** Position of the leader; waits for one. */
  leader(): Promise<number>;
  /** Without any warning. */
  kill(member: number): Promise<void>;
  start(member: number): Promise<void>;
  /** Hands the leadership over in an orderly way. */
  transfer(from: number, to: number): Promise<void>;
}

/** Equal for both: etcd's defaults. */
export const heartbeatMs = 100;
export const electionMs = 1000;
export const size = 3;
