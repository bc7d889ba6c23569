import type { RaftOptions } from '@berth/raft';
import type { Fault } from './fault.ts';

/** Everything that makes one simulation what it is. A plan can be kept as JSON, shrunk, and run again to the same end. */
export interface Plan {
  readonly seed: number;
  /** Length of the safety phase, in simulated milliseconds. */
  readonly safetyMs: number;
  readonly voters: number;
  readonly learners: number;
  readonly preferred: readonly number[];
  readonly core: Partial<RaftOptions>;
  readonly network: NetworkPlan;
  readonly disk: DiskPlan;
  readonly load: LoadPlan;
  readonly clocks: ClockPlan;
  /** Ascending by time. */
  readonly faults: readonly Fault[];
}

export interface NetworkPlan {
  readonly delayMs: number;
  /** The slowest messages take this many times the delay. */
  readonly jitter: number;
  readonly loss: number;
  readonly duplicate: number;
  /** How late a duplicate may be. */
  readonly duplicateMs: number;
  /** Members spread over this many sites; messages between sites take longer. */
  readonly sites: number;
  readonly siteDelayMs: number;
  /** Messages go through their wire form. */
  readonly encoded: boolean;
  /** The transport notices dead processes. */
  readonly hints: boolean;
}

export interface DiskPlan {
  readonly writeMs: number;
  /** Share of writes that take this many milliseconds instead. */
  readonly slow: number;
  readonly slowMs: number;
  readonly applyMs: number;
}

export interface LoadPlan {
  readonly clients: number;
  /** Mean pause between two operations of a client. */
  readonly thinkMs: number;
  readonly keys: number;
  readonly padBytes: number;
  /** Sessions kept before the idlest is expired. */
  readonly maxSessions: number;
  readonly fencedLoops: boolean;
}

export interface ClockPlan {
  /** Each clock's rate is off by at most this share. */
  readonly drift: number;
  readonly wallJumps: boolean;
}
