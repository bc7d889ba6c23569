import { becomeFollower } from './office.ts';
import { notice, sendNews } from './outbox.ts';
import { bestSuccessor } from './reconfiguration.ts';
import type { RaftState } from './state.ts';
import { beginTransfer } from './transferring.ts';

/**
 * A write that does not end: a leader must not keep its office by heartbeats alone (rule 58). Stalls of this process itself count as one tick, since
 * the answer of the disk may be waiting behind them.
 */
export function tickDisk(state: RaftState, ticks: number): void {
  const { disk, options } = state;
  disk.tick(ticks);
  if (state.diskHung || disk.oldestAge < options.hungDiskTicks) return;
  state.diskHung = true;
  notice(state, { kind: 'disk-hung', seq: disk.firstPending, ticks: disk.oldestAge });
  const { role } = state;
  if (role.kind !== 'leader') return;
  const successor = bestSuccessor(state, role);
  if (successor !== undefined) sendNews(state, successor, { kind: 'campaign-now' });
  becomeFollower(state, undefined, 'hung-disk');
}

/** A write ended. */
export function noteDiskProgress(state: RaftState): void {
  if (!state.diskHung || state.disk.oldestAge >= state.options.hungDiskTicks) return;
  state.diskHung = false;
  notice(state, { kind: 'disk-recovered' });
}

/** Space ran out or came back: a leader without room hands over to one that has some (rule 55). */
export function onDiskSpace(state: RaftState, low: boolean): void {
  state.diskLow = low;
  const { role } = state;
  if (!low || role.kind !== 'leader' || role.transfer !== undefined) return;
  const successor = bestSuccessor(state, role);
  if (successor !== undefined) beginTransfer(state, role, successor);
}
