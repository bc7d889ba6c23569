import type { Configuration } from '../membership/configuration.ts';
import { beforeLog, type LogIndex } from './log-index.ts';
import { noTerm, type Term } from './term.ts';

/**
 * Where the log begins: everything up to and including `index` is held by the state machine's durable state, the entries
 * themselves may be gone. Index 0 for a log that was never compacted. Stored with the log, in the same atomic write that makes
 * it valid (rules 47, 49, 53).
 */
export interface LogBase {
  readonly index: LogIndex;
  readonly term: Term;
  /** The configuration in force at `index`. */
  readonly configuration: Configuration;
  /** Index of the entry that made it, 0 for the configuration a cluster was born with. */
  readonly configurationIndex: LogIndex;
  readonly featureLevel: number;
}

/**
 * A snapshot of the state machine at `base.index`. The bytes stay in the shell and are sent in chunks; the shell's checksum over
 * all of them also covers this base (rule 47).
 */
export interface SnapshotMeta {
  /**
   * Chosen by the shell that opened the snapshot, at random below 2^53: two streams of the same index need not have the same bytes.
   * A partial copy may only be resumed from a snapshot with the same id.
   */
  readonly snapshotId: number;
  readonly base: LogBase;
}

/** The base of a log that was never compacted: of a founder with the founding configuration, of a joiner with the empty one. */
export function foundingBase(configuration: Configuration, featureLevel = 1): LogBase {
  return { index: beforeLog, term: noTerm, configuration, configurationIndex: beforeLog, featureLevel };
}
