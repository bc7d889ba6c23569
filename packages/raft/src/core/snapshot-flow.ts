import { beforeLog } from '../vocabulary/log-index.ts';
import { emit, notice } from './outbox.ts';
import { becomeProbe, type Progress, type SnapshotFlow } from './progress.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/** The entries this peer needs next are gone: it waits its turn for a snapshot. */
export function beginSnapshot(state: RaftState, leader: Leader, progress: Progress): void {
  const flow: SnapshotFlow = {
    kind: 'snapshot',
    phase: 'queued',
    snapshotId: 0,
    index: beforeLog,
    offset: 0,
    starved: false,
    idleTicks: 0,
  };
  progress.flow = flow;
  notice(state, { kind: 'peer-state', peer: progress.id, state: 'snapshot' });
  openQueued(state, leader);
}

/** Its version cannot apply what the cluster writes: a snapshot would be refused, and take the place of another (rule 70). */
export function isTooOld(state: RaftState, { supportedFeatureLevel }: Progress): boolean {
  return supportedFeatureLevel !== undefined && supportedFeatureLevel < state.log.featureLevel;
}

/** Opens snapshots for peers in the queue while fewer than the limit are under way (rule 52). */
export function openQueued(state: RaftState, leader: Leader): void {
  let busy = 0;
  for (const { flow } of leader.progress.values()) if (flow.kind === 'snapshot' && flow.phase !== 'queued') busy++;
  for (const progress of leader.progress.values()) {
    if (busy >= state.options.maxSnapshotTransfers) return;
    const { flow } = progress;
    if (flow.kind !== 'snapshot' || flow.phase !== 'queued' || isTooOld(state, progress)) continue;
    flow.phase = 'opening';
    flow.idleTicks = 0;
    emit(state, { kind: 'open-snapshot', to: progress.id, atLeast: state.log.base.index });
    busy++;
  }
}

/** Leaves the snapshot state, done or not; the peer is probed next. */
export function endSnapshot(state: RaftState, leader: Leader, progress: Progress, done: boolean): void {
  const { flow } = progress;
  if (flow.kind !== 'snapshot') return;
  if (flow.snapshotId !== 0) {
    emit(state, { kind: 'close-snapshot', to: progress.id, snapshotId: flow.snapshotId });
    if (done) notice(state, { kind: 'snapshot-sent', peer: progress.id, index: flow.index });
  }
  if (!done) notice(state, { kind: 'snapshot-aborted', peer: progress.id });
  becomeProbe(progress);
  openQueued(state, leader);
}
