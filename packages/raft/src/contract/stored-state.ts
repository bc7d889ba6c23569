import type { LogSummary } from '../log/log-summary.ts';
import type { HardState } from '../vocabulary/hard-state.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { LogBase, SnapshotMeta } from '../vocabulary/snapshot.ts';

/**
 * What a shell found in its data directory, after verifying it (rule 56).
 *
 * When the sound part of the log ends before what the state machine has applied, the log is lost: `base` is then the one kept with the state (see
 * `baseAfter`), the log is empty, and `promiseLost` is set.
 */
export interface StoredState {
  readonly hardState: HardState;
  readonly base: LogBase;
  /** Of the entries after `base`. Made entry by entry while the log is verified: `summarizeLog`. */
  readonly log: LogSummary;
  /** Last index the state machine has durably applied; at least `base.index`, at most the end of the log. */
  readonly applied: LogIndex;
  /** A snapshot that was being received. */
  readonly partialSnapshot: { readonly snapshot: SnapshotMeta; readonly nextOffset: number } | undefined;
  /**
   * Something that was or may have been acknowledged is missing or damaged: the member starts in quarantine. The shell has already written
   * `quarantined(hardState)`, before it discarded anything. When the hard state itself is in doubt, raise its term to the highest one seen anywhere in
   * the directory first.
   */
  readonly promiseLost: boolean;
}
