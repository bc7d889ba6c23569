import type { Effect } from '../contract/effect.ts';
import type { Event, EventKind } from '../contract/event.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { handOver, onApplied, onEntriesToApply } from './applying.ts';
import { mayCampaign, onOwnVoteDurable, startPreVote } from './campaign.ts';
import { advanceCommit } from './commit.ts';
import { maybeCheckpoint, onCheckpointed } from './compacting.ts';
import { noteDiskProgress, onDiskSpace, tickDisk } from './disk-health.ts';
import { hastenElection } from './election-timeout.ts';
import { becomeFollower, knownLeader } from './office.ts';
import { collectEffects, emit, notice } from './outbox.ts';
import { becomeProbe } from './progress.ts';
import { onPropose } from './proposing.ts';
import { maybeLeaveQuarantine } from './quarantine.ts';
import { onRead, tickAskedReads } from './reading.ts';
import { onMessage } from './receiving.ts';
import { onChangeMembership } from './reconfiguration.ts';
import { tickLeader } from './reign.ts';
import { onEntriesForPeer } from './replication.ts';
import { onChunkStored, onSnapshotDamaged, onSnapshotStaged } from './snapshot-receiving.ts';
import { onChunkLoaded, onSnapshotOpened, onSnapshotUnavailable } from './snapshot-sending.ts';
import type { RaftState } from './state.ts';
import { maybeHandOver, onTransfer } from './transferring.ts';

export interface Step {
  readonly state: RaftState;
  /** In the order written at `Effect`. */
  readonly effects: readonly Effect[];
}

/**
 * What a member does about an event. Deterministic; no clock, no randomness, no I/O. The state is changed in place and returned for the next step: an
 * older one must not be used again. Throws a BrokenInvariant when its own safety is in doubt: the process must end, and nothing of this
 * step may be carried out.
 */
export function step(state: RaftState, event: Event): Step {
  const handle = handlers[event.kind] as (state: RaftState, event: Event) => void;
  handle(state, event);
  announceRole(state);
  return { state, effects: collectEffects(state) };
}

type Handlers = { readonly [K in EventKind]: (state: RaftState, event: Extract<Event, { kind: K }>) => void };

const handlers: Handlers = {
  tick: (state, event) => onTick(state, event.elapsedTicks),
  message: (state, event) => onMessage(state, event.message),
  persisted: (state, event) => onPersisted(state, event.seq),
  applied: (state, event) => {
    onApplied(state, event.index);
    maybeCheckpoint(state);
  },
  checkpointed: (state, event) => onCheckpointed(state, event.index),
  'entries-read': onEntriesRead,
  'snapshot-opened': onSnapshotOpened,
  'snapshot-unavailable': (state, event) => onSnapshotUnavailable(state, event.to),
  'chunk-loaded': onChunkLoaded,
  'chunk-stored': (state, event) => onChunkStored(state, event.snapshotId, event.nextOffset),
  'snapshot-staged': (state, event) => onSnapshotStaged(state, event.snapshotId),
  'snapshot-damaged': (state, event) => onSnapshotDamaged(state, event.snapshotId),
  propose: (state, event) => onPropose(state, event.proposals),
  read: (state, event) => onRead(state, event.id, event.elapsedTicks),
  'change-membership': (state, event) => onChangeMembership(state, event.id, event.changes),
  transfer: (state, event) => onTransfer(state, event.to),
  'peer-down': (state, event) => onPeerDown(state, event.peer),
  'peer-near': (state, event) => onPeerNear(state, event.peer, event.near),
  'disk-space': (state, event) => onDiskSpace(state, event.low),
};

/**
 * After a stall the election clock advances by one tick only: what the leader sent meanwhile may be waiting. What expires sees all of the time
 * (rule 4.5.2).
 */
function onTick(state: RaftState, elapsed: number): void {
  const ticks = elapsed > state.options.stallTicks ? 1 : elapsed;
  state.upTicks += elapsed;
  state.leaderContactTicks += elapsed;
  state.electionElapsed += ticks;
  tickDisk(state, ticks);
  const { role } = state;
  if (role.kind === 'leader') {
    tickLeader(state, role, ticks, elapsed);
    return;
  }
  tickAskedReads(state, ticks);
  if (state.electionElapsed >= state.electionTimeout && mayCampaign(state)) startPreVote(state);
}

function onPersisted(state: RaftState, seq: number): void {
  state.disk.complete(seq);
  noteDiskProgress(state);
  onOwnVoteDurable(state, seq);
  if (state.role.kind === 'leader') {
    advanceCommit(state, state.role);
    if (state.role.kind === 'leader') maybeHandOver(state, state.role);
  }
  handOver(state);
  maybeLeaveQuarantine(state);
}

function onEntriesRead(state: RaftState, event: Extract<Event, { kind: 'entries-read' }>): void {
  if (event.reader === 'apply') {
    onEntriesToApply(state, event.entries);
    return;
  }
  const { role } = state;
  const progress = role.kind === 'leader' ? role.progress.get(event.reader) : undefined;
  if (role.kind === 'leader' && progress !== undefined) onEntriesForPeer(state, role, progress, event.entries);
}

/** A hint of the transport. A follower asks around soon; the others answer by what they know (pre-vote), so that a wrong hint does no harm. */
function onPeerDown(state: RaftState, peer: MemberId): void {
  const { role } = state;
  if (role.kind === 'leader') {
    const progress = role.progress.get(peer);
    if (progress === undefined) return;
    progress.lost = true;
    if (progress.flow.kind !== 'replicate') return;
    becomeProbe(progress);
    notice(state, { kind: 'peer-state', peer, state: 'probe' });
    return;
  }
  // A lease counts on every voter's patience with the leader it knows (rule 36).
  if (role.kind !== 'follower' || role.leader !== peer || state.options.leaseReads !== undefined) return;
  becomeFollower(state, undefined, 'higher-term');
  hastenElection(state, peer);
}

function onPeerNear({ role }: RaftState, peer: MemberId, near: boolean): void {
  const progress = role.kind === 'leader' ? role.progress.get(peer) : undefined;
  if (progress !== undefined) progress.near = near;
}

function announceRole(state: RaftState): void {
  const { announced, hardState, role } = state;
  const leader = knownLeader(state);
  if (announced.role === role.kind && announced.term === hardState.term && announced.leader === leader) return;
  state.announced = { role: role.kind, term: hardState.term, leader };
  emit(state, { kind: 'role-changed', ...state.announced });
}
