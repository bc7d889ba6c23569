import type { Message, MessageKind, Removed } from '../contract/message.ts';
import { findMember } from '../membership/configuration.ts';
import { beforeLog, higherIndex, indexAfter, type LogIndex } from '../vocabulary/log-index.ts';
import { onAppendAccepted, onAppendRejected, onHeartbeatAnswer } from './acknowledging.ts';
import { onPreVoteAnswer, onVoteAnswer } from './campaign.ts';
import { onAppend, onCommitNotice, onHeartbeat } from './following.ts';
import { adoptTerm } from './office.ts';
import { notice, sendNews } from './outbox.ts';
import type { Progress } from './progress.ts';
import { onForward, onForwardRefused } from './proposing.ts';
import { onReadAnswer, onReadRequest } from './reading.ts';
import type { Leader } from './role.ts';
import { onSnapshotChunk, onSnapshotOffer } from './snapshot-receiving.ts';
import { onSnapshotProgress, reoffer } from './snapshot-sending.ts';
import type { RaftState } from './state.ts';
import { onCampaignNow } from './transferring.ts';
import { onPreVoteRequest, onVoteRequest } from './voting.ts';

/** A message from a peer; what is late, doubled or misdirected falls out here. */
export function onMessage(state: RaftState, message: Message): void {
  if (message.to !== state.options.id || message.from === state.options.id) {
    notice(state, { kind: 'bad-message', peer: message.from, reason: `from ${message.from} to ${message.to}` });
    return;
  }
  if (!isFromPresentIncarnation(state, message)) return;
  const { role } = state;
  if (role.kind === 'leader') {
    const progress = role.progress.get(message.from);
    if (progress !== undefined) noteProcess(state, progress, message.incarnation);
  }
  dispatch(state, message);
}

/** What an earlier process of the peer said does not bind the present one: it may have lost what it acknowledged (rule 23). */
function isFromPresentIncarnation(state: RaftState, message: Message): boolean {
  const known = state.incarnations.get(message.from);
  if (known === message.incarnation) return true;
  if (known !== undefined && message.incarnation < known) {
    notice(state, { kind: 'stale-incarnation', peer: message.from, incarnation: message.incarnation });
    return false;
  }
  state.incarnations.set(message.from, message.incarnation);
  if (known !== undefined)
    notice(state, { kind: 'peer-restarted', peer: message.from, incarnation: message.incarnation });
  return true;
}

function noteProcess(state: RaftState, progress: Progress, incarnation: number): void {
  progress.lost = false;
  if (progress.incarnation === incarnation) return;
  if (progress.incarnation !== 0) {
    // All it has acknowledged must be acknowledged anew by the new process.
    progress.promised = higherIndex(progress.promised, progress.match);
    progress.match = beforeLog;
    progress.ackedRound = 0;
    progress.closeRounds = 0;
    progress.supportedFeatureLevel = undefined;
    reoffer(state, progress);
    progress.next = firstToAskFor(state, progress);
  }
  progress.incarnation = incarnation;
}

/**
 * Where a peer that started again is probed: behind what it promised, and when that is not known or its entries are gone, at the end of the log. A probe
 * from the log's beginning would take a snapshot for needed, whatever the peer holds (rule 50).
 */
function firstToAskFor({ log }: RaftState, { promised }: Progress): LogIndex {
  const isAnchor = promised > beforeLog && log.termAt(promised) !== undefined;
  return indexAfter(isAnchor ? promised : log.lastIndex);
}

/** Kinds that mean the same in any term, or look at the terms themselves. */
type AnyTerm = Extract<
  Message,
  {
    kind:
      | 'pre-vote-request'
      | 'pre-vote-answer'
      | 'vote-request'
      | 'read-request'
      | 'read-answer'
      | 'forward'
      | 'forward-refused'
      | 'removed';
  }
>;
type ToLeader = Extract<
  Message,
  { kind: 'append-accepted' | 'append-rejected' | 'heartbeat-answer' | 'snapshot-progress' }
>;
type WithinTerm = Exclude<Message, AnyTerm>;
type ToMember = Exclude<WithinTerm, ToLeader>;

type Handler<M> = (state: RaftState, message: M) => void;

const inAnyTerm: { readonly [K in AnyTerm['kind']]: Handler<Extract<AnyTerm, { kind: K }>> } = {
  'pre-vote-request': onPreVoteRequest,
  'pre-vote-answer': onPreVoteAnswer,
  'vote-request': onVoteRequest,
  'read-request': onReadRequest,
  'read-answer': onReadAnswer,
  forward: onForward,
  'forward-refused': onForwardRefused,
  removed: onRemoved,
};

const withinTerm: { readonly [K in ToMember['kind']]: Handler<Extract<ToMember, { kind: K }>> } = {
  append: onAppend,
  'commit-notice': onCommitNotice,
  heartbeat: onHeartbeat,
  'snapshot-offer': onSnapshotOffer,
  'snapshot-chunk': onSnapshotChunk,
  'campaign-now': onCampaignNow,
  'vote-answer': onVoteAnswer,
  'newer-term': () => undefined,
};

type LeaderHandler<M> = (state: RaftState, leader: Leader, progress: Progress, message: M) => void;

const atLeader: { readonly [K in ToLeader['kind']]: LeaderHandler<Extract<ToLeader, { kind: K }>> } = {
  'append-accepted': onAppendAccepted,
  'append-rejected': onAppendRejected,
  'heartbeat-answer': onHeartbeatAnswer,
  'snapshot-progress': onSnapshotProgress,
};

function dispatch(state: RaftState, message: Message): void {
  if (isKeyOf(inAnyTerm, message.kind)) {
    (inAnyTerm[message.kind] as Handler<Message>)(state, message);
    return;
  }
  if (message.term > state.hardState.term) adoptTerm(state, message.term);
  if (message.term < state.hardState.term) {
    answerOldTerm(state, message);
  } else if (isKeyOf(atLeader, message.kind)) {
    const { role } = state;
    const progress = role.kind === 'leader' ? role.progress.get(message.from) : undefined;
    if (role.kind !== 'leader' || progress === undefined) return;
    // Only who answers this leader in its term follows it: one that campaigns speaks too, and cannot hear (rules 10, 11).
    progress.contactTicks = 0;
    progress.heard = true;
    (atLeader[message.kind] as LeaderHandler<Message>)(state, role, progress, message);
  } else {
    (withinTerm[message.kind as ToMember['kind']] as Handler<Message>)(state, message);
  }
}

function isKeyOf<T extends object>(table: T, kind: string): kind is Extract<keyof T, string> {
  return kind in table;
}

const leaderKinds: ReadonlySet<MessageKind> = new Set([
  'append',
  'commit-notice',
  'heartbeat',
  'snapshot-offer',
  'snapshot-chunk',
]);

/** An old leader learns of the present term (rule 9); old answers mean nothing. */
function answerOldTerm(state: RaftState, message: Message): void {
  if (leaderKinds.has(message.kind)) sendNews(state, message.from, { kind: 'newer-term' });
}

/** Believed only when it is younger than what this member knows of itself (rule 43). */
function onRemoved(state: RaftState, message: Removed): void {
  if (state.removed || message.configurationIndex <= state.log.configurationIndex) return;
  if (findMember(state.log.configuration, state.options.id) === undefined) return;
  state.removed = true;
  notice(state, { kind: 'removed', configurationIndex: message.configurationIndex });
}
