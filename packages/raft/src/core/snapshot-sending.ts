import type { Event } from '../contract/event.ts';
import type { SnapshotProgress } from '../contract/message.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { raiseMatch } from './acknowledging.ts';
import { advanceCommit } from './commit.ts';
import { emit, notice, sendNews } from './outbox.ts';
import { becomeProbe, type Progress, type SnapshotFlow } from './progress.ts';
import { replicate } from './replication.ts';
import type { Leader } from './role.ts';
import { endSnapshot, isTooOld, openQueued } from './snapshot-flow.ts';
import type { RaftState } from './state.ts';

type Opened = Extract<Event, { kind: 'snapshot-opened' }>;
type Loaded = Extract<Event, { kind: 'chunk-loaded' }>;

/** The log kept for a peer is doubled so often at most. */
const outdatedCounted = 4;

/** The shell holds a snapshot ready: offer it, so that a peer that has part of it can resume. */
export function onSnapshotOpened(state: RaftState, event: Opened): void {
  const found = snapshotFlowOf(state, event.to);
  const { log } = state;
  const usable = event.index >= log.base.index && event.index <= log.appliedIndex;
  if (found?.flow.phase !== 'opening' || !usable) {
    emit(state, { kind: 'close-snapshot', to: event.to, snapshotId: event.snapshotId });
    return;
  }
  const { flow } = found;
  flow.phase = 'offered';
  flow.snapshotId = event.snapshotId;
  flow.index = event.index;
  flow.offset = 0;
  flow.idleTicks = 0;
  notice(state, { kind: 'snapshot-sending', peer: event.to, index: event.index });
  offer(state, event.to, flow);
}

/** The shell cannot open one now; asked again after an election timeout. */
export function onSnapshotUnavailable(state: RaftState, to: MemberId): void {
  const flow = snapshotFlowOf(state, to)?.flow;
  if (flow?.phase === 'opening') flow.idleTicks = 0;
}

export function onChunkLoaded(state: RaftState, event: Loaded): void {
  const flow = snapshotFlowOf(state, event.to)?.flow;
  if (flow?.phase !== 'sending' || flow.snapshotId !== event.snapshotId || flow.offset !== event.offset) return;
  const { snapshotId, offset, data, checksum, last } = event;
  sendNews(state, event.to, { kind: 'snapshot-chunk', snapshotId, offset, data, checksum, last });
}

export function onSnapshotProgress(
  state: RaftState,
  leader: Leader,
  progress: Progress,
  message: SnapshotProgress,
): void {
  const { flow } = progress;
  progress.quarantined = message.quarantined || progress.lostPromise;
  if (message.status !== 'continue') {
    if (message.matchIndex > state.log.lastIndex) return;
    finish(state, leader, progress, message.matchIndex);
    return;
  }
  if (flow.kind !== 'snapshot' || flow.snapshotId !== message.snapshotId) return;
  // A doubled answer asks for what is under way already; what is really lost is found by offering again.
  if (flow.phase === 'sending' && message.nextOffset <= flow.offset) return;
  if (flow.phase === 'offered' && message.nextOffset > 0) {
    notice(state, { kind: 'snapshot-resumed', peer: progress.id, offset: message.nextOffset });
  }
  flow.phase = 'sending';
  flow.offset = message.nextOffset;
  flow.idleTicks = 0;
  load(state, leader, progress, flow);
}

/** Installed, or not needed after all: the peer's log connects to ours at `matchIndex`. */
function finish(state: RaftState, leader: Leader, progress: Progress, matchIndex: LogIndex): void {
  if (progress.flow.kind === 'snapshot') {
    if (matchIndex < progress.flow.index) return;
    endSnapshot(state, leader, progress, true);
  }
  raiseMatch(state, leader, progress, matchIndex);
  advanceCommit(state, leader);
  if (state.role.kind === 'leader') replicate(state, leader, progress);
}

/** Asks the shell for the next chunk, within the budget of this tick (rule 52). */
function load(state: RaftState, leader: Leader, progress: Progress, flow: SnapshotFlow): void {
  const { snapshotChunkBytes } = state.options;
  flow.starved = leader.snapshotBudget <= 0;
  if (flow.starved) return;
  leader.snapshotBudget -= snapshotChunkBytes;
  const { snapshotId, offset } = flow;
  emit(state, { kind: 'load-chunk', to: progress.id, snapshotId, offset, maxBytes: snapshotChunkBytes });
}

function offer(state: RaftState, to: MemberId, flow: SnapshotFlow): void {
  const snapshot = { snapshotId: flow.snapshotId, base: state.log.baseAt(flow.index) };
  sendNews(state, to, { kind: 'snapshot-offer', snapshot });
}

/** Refills the budget, repeats what may have been lost, gives up on peers that are gone. */
export function tickSnapshots(state: RaftState, leader: Leader, ticks: number): void {
  const { electionTicks, snapshotBytesPerTick } = state.options;
  leader.snapshotBudget = Math.min(snapshotBytesPerTick, leader.snapshotBudget + ticks * snapshotBytesPerTick);
  for (const progress of leader.progress.values()) {
    const { flow } = progress;
    if (flow.kind !== 'snapshot' || flow.phase === 'queued') continue;
    flow.idleTicks += ticks;
    if (flow.starved) load(state, leader, progress, flow);
    const isOutdated = flow.phase !== 'opening' && flow.index < state.log.base.index;
    if (isOutdated || isTooOld(state, progress)) {
      // It does not connect to the log any more: begin again with a younger one. Or the peer cannot use it: it waits for its upgrade.
      if (isOutdated) progress.outdatedSnapshots = Math.min(progress.outdatedSnapshots + 1, outdatedCounted);
      endSnapshot(state, leader, progress, false);
    } else if (progress.contactTicks >= 10 * electionTicks) {
      endSnapshot(state, leader, progress, false);
      if (progress.flow.kind === 'probe') progress.flow.paused = true;
    } else if (flow.idleTicks >= electionTicks) retry(state, progress, flow);
  }
  openQueued(state, leader);
}

function retry(state: RaftState, progress: Progress, flow: SnapshotFlow): void {
  flow.idleTicks = 0;
  if (flow.phase === 'opening') {
    emit(state, { kind: 'open-snapshot', to: progress.id, atLeast: state.log.base.index });
    return;
  }
  // Behind the beginning of the log by now: nothing can be said of it any more, and the next tick gives it up.
  if (flow.index < state.log.base.index) return;
  flow.phase = 'offered';
  offer(state, progress.id, flow);
}

/** A new process answers for this peer: what it kept of the snapshot may be resumed. */
export function reoffer(state: RaftState, progress: Progress): void {
  const { flow } = progress;
  if (flow.kind === 'snapshot' && flow.phase !== 'queued' && flow.phase !== 'opening') retry(state, progress, flow);
  else if (flow.kind !== 'snapshot') becomeProbe(progress);
}

function snapshotFlowOf(state: RaftState, to: MemberId): { readonly flow: SnapshotFlow } | undefined {
  const { role } = state;
  const flow = role.kind === 'leader' ? role.progress.get(to)?.flow : undefined;
  return flow?.kind === 'snapshot' ? { flow } : undefined;
}
