import { beforeLog, type LogIndex, logIndex } from '../vocabulary/log-index.ts';
import { emit, notice } from './outbox.ts';
import type { Progress } from './progress.ts';
import type { Applying, CheckpointMark, RaftState } from './state.ts';

/** To be asked when something was applied: enough new log asks for a checkpoint of the state. */
export function maybeCheckpoint(state: RaftState): void {
  const { applying, log, options } = state;
  if (applying.checkpointPending) return;
  const entries = log.appliedIndex - applying.checkpointIndex;
  if (entries === 0) return;
  if (entries < options.checkpointEntries && applying.bytesSinceCheckpoint < options.checkpointBytes) return;
  applying.checkpointPending = true;
  applying.marks.push({ index: log.appliedIndex, bytes: applying.bytesSinceCheckpoint });
  applying.bytesSinceCheckpoint = 0;
  emit(state, { kind: 'checkpoint', index: log.appliedIndex });
}

/** The state is durable up to `index`: the log before is needed only by peers that lag (rule 53). */
export function onCheckpointed(state: RaftState, index: LogIndex): void {
  const { applying, log, options } = state;
  applying.checkpointPending = false;
  // An answer from before a snapshot was installed.
  if (index < applying.checkpointIndex || index > log.appliedIndex) return;
  applying.checkpointIndex = index;
  let upTo = Math.max(index - options.trailingEntries, beyondTrailingBytes(applying, options.trailingBytes));
  if (state.role.kind === 'leader') {
    for (const progress of state.role.progress.values()) upTo = Math.min(upTo, endOfUnneeded(state, progress, index));
  }
  if (upTo <= log.base.index) return;
  state.outbox.base = log.compact(logIndex(upTo));
  notice(state, { kind: 'compacted', index: log.base.index });
}

/** The last checkpoint with at least so many bytes of log behind it, down to the present one; 0 when none is known since the start. */
function beyondTrailingBytes({ marks }: Applying, trailingBytes: number): LogIndex {
  let bytes = 0;
  for (let at = marks.length - 1; at > 0; at--) {
    bytes += (marks[at] as CheckpointMark).bytes;
    if (bytes < trailingBytes) continue;
    marks.splice(0, at - 1);
    return (marks[0] as CheckpointMark).index;
  }
  return beforeLog;
}

/**
 * Up to where a peer in contact can do without the log: its match, or the snapshot it is being sent. Within bounds, which double each time a snapshot was
 * outdated before it arrived, until the peer has caught up: however slow its link, one of the next will not be (rule 51).
 */
function endOfUnneeded({ options, log }: RaftState, progress: Progress, checkpoint: LogIndex): number {
  const { flow, match, contactTicks } = progress;
  const bound = checkpoint - options.maxTrailingEntries * 2 ** progress.outdatedSnapshots;
  if (flow.kind === 'snapshot') return flow.index > 0 ? Math.max(flow.index, bound) : log.lastIndex;
  if (match >= checkpoint - options.maxTrailingEntries) progress.outdatedSnapshots = 0;
  return contactTicks < options.electionTicks ? Math.max(match, bound) : log.lastIndex;
}
