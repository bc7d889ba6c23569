import { quorumValue } from '../membership/quorum.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import { logIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { handOver } from './applying.ts';
import { emit } from './outbox.ts';
import { dropOvertaken } from './overtaken-snapshot.ts';
import { maybeLeaveQuarantine } from './quarantine.ts';
import { flushReads } from './reading.ts';
import { finishChange } from './reconfiguration.ts';
import { tellCommit } from './replication.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/**
 * Highest index stored durably on a quorum of the configuration in force. The leader counts itself only for what its own disk holds (rule 21),
 * and not at all when it is no voter any more (rule 42).
 */
function quorumIndex(state: RaftState, leader: Leader): LogIndex {
  const self = state.options.id;
  const reached = (id: MemberId): number => {
    if (id === self) return state.disk.durableIndex;
    const progress = leader.progress.get(id);
    return progress === undefined || progress.quarantined ? 0 : progress.match;
  };
  return logIndex(quorumValue(state.log.configuration, reached));
}

/** Only entries of the present term commit by being counted; older ones commit with them (Raft paper, 5.4.2; rule 15). */
export function advanceCommit(state: RaftState, leader: Leader): void {
  const { log } = state;
  const index = quorumIndex(state, leader);
  if (index <= log.commitIndex || log.termAt(index) !== state.hardState.term) return;
  releaseUncommitted(state, leader, index);
  commitTo(state, index);
  finishChange(state, leader);
  if (state.role.kind !== 'leader') return;
  tellCommit(state, leader);
  flushReads(state, leader);
}

/** Everything up to `index` is decided for ever. */
export function commitTo(state: RaftState, index: LogIndex): void {
  const { log } = state;
  if (index <= log.commitIndex) return;
  log.commitIndex = index;
  dropOvertaken(state);
  reportConfiguration(state);
  handOver(state);
  maybeLeaveQuarantine(state);
}

/** Tells the shell when the configuration in force has become final. */
function reportConfiguration(state: RaftState): void {
  const { log } = state;
  const { index, configuration } = log.committedConfiguration;
  if (index <= state.reportedCommitted) return;
  state.reportedCommitted = index;
  if (index === log.configurationIndex) {
    emit(state, { kind: 'configuration-changed', configuration, index, committed: true });
  }
}

function releaseUncommitted(state: RaftState, leader: Leader, to: LogIndex): void {
  const { log } = state;
  for (let index = Math.max(log.commitIndex + 1, leader.firstIndex); index <= to; index++) {
    leader.uncommittedBytes -= log.cache.get(logIndex(index))?.frame.length ?? 0;
  }
}
