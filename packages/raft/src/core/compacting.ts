import { beforeLog, type LogIndex, logIndex } from '../vocabulary/log-index.ts';
import { emit, notice } from './outbox.ts';
import type { Leader } from './role.ts';
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
    const wanted = oldestWanted(state, state.role);
    upTo = Math.min(upTo, Math.max(wanted, index - options.maxTrailingEntries));
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

/** What peers in contact still need: all after their match, or after the snapshot they are being sent (rule 51). */
function oldestWanted(state: RaftState, leader: Leader): LogIndex {
  let oldest = state.log.lastIndex;
  for (const { flow, match, contactTicks } of leader.progress.values()) {
    if (flow.kind === 'snapshot') {
      if (flow.index > 0 && flow.index < oldest) oldest = flow.index;
    } else if (contactTicks < state.options.electionTicks && match < oldest) oldest = match;
  }
  return oldest;
}
