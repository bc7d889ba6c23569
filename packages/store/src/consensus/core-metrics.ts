import { inspect, type Notice, type RaftState, type RaftStatus } from '@berth/raft';
import type { HistogramCounts } from './histogram.ts';
import type { LogWriter } from './log-writer.ts';

/** What the consensus core knows of itself, taken about once a second. Times in milliseconds. */
export interface CoreMetrics {
  readonly status: RaftStatus;
  /** How often each kind of notice was said since the start; campaigns and steps down by their cause. */
  readonly notices: Readonly<Record<string, number>>;
  readonly syncMs: HistogramCounts;
  readonly batchEntries: HistogramCounts;
  /** Longest delay of a tick in the last second. */
  readonly loopLagMs: number;
  /** Delay of a tick: of a hundred in the last ten seconds all but one came sooner. */
  readonly loopLagMsP99: number;
  /** How often this member has handed over because its thread lagged. */
  readonly lagAbdications: number;
  readonly freeBytes: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly messagesDropped: number;
  readonly messagesBad: number;
}

/** Their reasons are sentences, not causes to count by. */
const wordy: ReadonlySet<Notice['kind']> = new Set(['halted', 'bad-message']);

/** Counts notices by kind, and where there is one, by cause. */
export class NoticeCounts {
  readonly #counts = new Map<string, number>();

  add(notice: Notice): void {
    const cause = 'cause' in notice ? ` ${notice.cause}` : 'reason' in notice ? ` ${notice.reason}` : '';
    const name = wordy.has(notice.kind) ? notice.kind : `${notice.kind}${cause}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}

export interface MetricsSources {
  readonly state: RaftState;
  readonly notices: NoticeCounts;
  readonly writer: LogWriter;
  readonly loopLagMs: number;
  readonly loopLagMsP99: number;
  readonly lagAbdications: number;
  readonly freeBytes: number;
  readonly transport: {
    readonly messagesIn: number;
    readonly messagesOut: number;
    readonly dropped: number;
    readonly badMessages: number;
  };
}

export function coreMetrics(sources: MetricsSources): CoreMetrics {
  const { state, notices, writer, transport, ...measured } = sources;
  return {
    status: inspect(state),
    notices: notices.counts(),
    syncMs: writer.syncMs.counts(),
    batchEntries: writer.batchEntries.counts(),
    ...measured,
    messagesIn: transport.messagesIn,
    messagesOut: transport.messagesOut,
    messagesDropped: transport.dropped,
    messagesBad: transport.badMessages,
  };
}
