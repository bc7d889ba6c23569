import type { CoreMetrics } from '../consensus/core-metrics.ts';
import type { ScrubReport } from './scrubber.ts';

/** What a server can tell about its store; the server exports it. */
export interface EmbeddedMetrics {
  readonly revision: number;
  readonly compactRevision: number;
  readonly keys: number;
  /** Of the kept history on disk. */
  readonly historyBytes: number;
  readonly appliedIndex: number;
  /** Applied in memory and not yet handed to the disk. */
  readonly backlogBytes: number;
  readonly watchers: number;
  readonly sessions: number;
  readonly pendingWrites: number;
  readonly pendingReads: number;
  readonly scrub: ScrubReport;
  /** Of the consensus thread, at most about a second old; undefined right after the start. */
  readonly core: CoreMetrics | undefined;
}
