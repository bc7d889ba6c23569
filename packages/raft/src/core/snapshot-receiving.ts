import type { SnapshotChunk, SnapshotOffer } from '../contract/message.ts';
import { levelTooHigh } from '../log/feature-level.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { SnapshotMeta } from '../vocabulary/snapshot.ts';
import { commitTo } from './commit.ts';
import { heedLeader } from './office.ts';
import { emit, notice, sendNews, sendPromise } from './outbox.ts';
import { dropOvertaken } from './overtaken-snapshot.ts';
import { maybeLeaveQuarantine } from './quarantine.ts';
import type { RaftState, Receiving } from './state.ts';

export function onSnapshotOffer(state: RaftState, message: SnapshotOffer): void {
  heedLeader(state, message.from);
  const { log, receiving } = state;
  const { snapshot } = message;
  const { index, term } = snapshot.base;
  if (index <= log.commitIndex || log.termAt(index) === term) {
    // The log holds the snapshot's last entry: all of it is kept, and the leader goes on with appends (rules 48, 50).
    commitTo(state, index);
    decline(state, message.from, snapshot.snapshotId, log.commitIndex);
    return;
  }
  if (receiving?.phase === 'staging' || haltsAt(state, snapshot)) return;
  const resumed = receiving?.snapshot.snapshotId === snapshot.snapshotId ? receiving : undefined;
  if (receiving !== undefined && resumed === undefined) {
    emit(state, { kind: 'discard-snapshot', snapshotId: receiving.snapshot.snapshotId });
  }
  state.receiving = {
    snapshot,
    from: message.from,
    nextOffset: resumed?.nextOffset ?? 0,
    phase: resumed?.phase ?? 'receiving',
    storing: resumed?.storing,
  };
  if (state.receiving.phase === 'receiving') askForMore(state, state.receiving);
}

/** A state of a feature level that this version does not support is not installed: the member waits for a newer one (rule 70). */
function haltsAt(state: RaftState, { base }: SnapshotMeta): boolean {
  const what = `the snapshot at ${base.index} is of feature level ${base.featureLevel}`;
  const reason = levelTooHigh(what, base.featureLevel, state.options);
  if (reason === undefined) return false;
  if (state.halted === undefined) {
    state.halted = reason;
    notice(state, { kind: 'halted', index: base.index, reason });
  }
  return true;
}

function decline(state: RaftState, to: MemberId, snapshotId: number, matchIndex: LogIndex): void {
  notice(state, { kind: 'snapshot-unneeded', index: matchIndex });
  sendPromise(state, to, {
    kind: 'snapshot-progress',
    snapshotId,
    status: 'unneeded',
    nextOffset: 0,
    matchIndex,
    quarantined: state.hardState.quarantinedUpTo !== undefined,
  });
}

function askForMore(state: RaftState, receiving: Receiving): void {
  if (receiving.from === undefined) return;
  sendNews(state, receiving.from, {
    kind: 'snapshot-progress',
    snapshotId: receiving.snapshot.snapshotId,
    status: 'continue',
    nextOffset: receiving.nextOffset,
    matchIndex: state.log.commitIndex,
    quarantined: state.hardState.quarantinedUpTo !== undefined,
  });
}

export function onSnapshotChunk(state: RaftState, message: SnapshotChunk): void {
  heedLeader(state, message.from);
  const { receiving } = state;
  if (receiving?.snapshot.snapshotId !== message.snapshotId || receiving.phase !== 'receiving') return;
  if (message.offset !== receiving.nextOffset) {
    // A doubled chunk is ignored; behind a gap the right one is asked for.
    if (message.offset > receiving.nextOffset) askForMore(state, receiving);
    return;
  }
  const { offset, data, checksum, last } = message;
  receiving.phase = 'storing';
  receiving.storing = { end: offset + data.length, last };
  emit(state, { kind: 'store-chunk', snapshot: receiving.snapshot, offset, data, checksum, last });
}

export function onChunkStored(state: RaftState, snapshotId: number, nextOffset: number): void {
  const { receiving } = state;
  if (receiving?.snapshot.snapshotId !== snapshotId || receiving.storing === undefined) return;
  const complete = receiving.storing.last && nextOffset === receiving.storing.end;
  receiving.nextOffset = nextOffset;
  receiving.storing = undefined;
  receiving.phase = complete ? 'staging' : 'receiving';
  if (complete) emit(state, { kind: 'stage-snapshot', snapshot: receiving.snapshot });
  else if (!dropOvertaken(state)) askForMore(state, receiving);
}

/** The whole does not add up: from the start again. */
export function onSnapshotDamaged(state: RaftState, snapshotId: number): void {
  const { receiving } = state;
  if (receiving?.snapshot.snapshotId !== snapshotId) return;
  receiving.phase = 'receiving';
  receiving.nextOffset = 0;
  askForMore(state, receiving);
}

/** Complete, verified and durable aside: switch over, in one write (rule 49). */
export function onSnapshotStaged(state: RaftState, snapshotId: number): void {
  const { receiving, log } = state;
  if (receiving?.snapshot.snapshotId !== snapshotId || receiving.phase !== 'staging') return;
  state.receiving = undefined;
  const { snapshot, from } = receiving;
  const { index, term } = snapshot.base;
  if (index <= log.commitIndex || log.termAt(index) === term) {
    emit(state, { kind: 'discard-snapshot', snapshotId });
    commitTo(state, index);
    if (from !== undefined) decline(state, from, snapshotId, log.commitIndex);
    return;
  }
  install(state, snapshot);
  if (from === undefined) return;
  sendPromise(state, from, {
    kind: 'snapshot-progress',
    snapshotId,
    status: 'installed',
    nextOffset: receiving.nextOffset,
    matchIndex: index,
    quarantined: state.hardState.quarantinedUpTo !== undefined,
  });
}

/** The log does not hold the snapshot's last entry, so no part of it may be kept (rule 48). */
function install(state: RaftState, snapshot: SnapshotMeta): void {
  const { log, disk, applying, outbox } = state;
  const { base } = snapshot;
  notice(state, { kind: 'snapshot-installed', index: base.index, discarded: log.lastIndex - log.base.index });
  log.reset(base);
  disk.truncateFrom(base.index);
  outbox.truncateFrom = undefined;
  outbox.entries = [];
  outbox.install = snapshot;
  applying.slices.length = 0;
  applying.entries = 0;
  applying.bytes = 0;
  applying.reading = false;
  applying.bytesSinceCheckpoint = 0;
  applying.checkpointIndex = base.index;
  applying.marks.length = 0;
  state.reportedCommitted = base.configurationIndex;
  emit(state, {
    kind: 'configuration-changed',
    configuration: base.configuration,
    index: base.configurationIndex,
    committed: true,
  });
  maybeLeaveQuarantine(state);
}
