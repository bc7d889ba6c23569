import type { Effect } from '../contract/effect.ts';
import type { Message } from '../contract/message.ts';
import type { Notice } from '../contract/notice.ts';
import type { Entry } from '../vocabulary/entry.ts';
import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { LogBase, SnapshotMeta } from '../vocabulary/snapshot.ts';
import type { RaftState } from './state.ts';

/** Collects what one step wants done. */
export interface Outbox {
  hardStateChanged: boolean;
  truncateFrom: LogIndex | undefined;
  entries: Entry[];
  base: LogBase | undefined;
  install: SnapshotMeta | undefined;
  news: Message[];
  promises: Message[];
  /** News that may wait. */
  patient: Message[];
  rest: Effect[];
}

export function newOutbox(): Outbox {
  return {
    hardStateChanged: false,
    truncateFrom: undefined,
    entries: [],
    base: undefined,
    install: undefined,
    news: [],
    promises: [],
    patient: [],
    rest: [],
  };
}

type Unaddressed<M> = M extends unknown ? Omit<M, 'from' | 'to' | 'incarnation' | 'term'> : never;
export type MessageBody = Unaddressed<Message>;

/** A message that rests on nothing but the durable term. */
export function sendNews(state: RaftState, to: MemberId, body: MessageBody): void {
  state.outbox.news.push(address(state, to, body));
}

/** News of which it does not matter whether it comes some milliseconds later. */
export function sendPatiently(state: RaftState, to: MemberId, body: MessageBody): void {
  state.outbox.patient.push(address(state, to, body));
}

/** A message that may leave only when everything this member has done so far is durable. */
export function sendPromise(state: RaftState, to: MemberId, body: MessageBody): void {
  state.outbox.promises.push(address(state, to, body));
}

function address(state: RaftState, to: MemberId, body: MessageBody): Message {
  const { id: from, incarnation } = state.options;
  return { ...body, from, to, incarnation, term: state.hardState.term };
}

export function emit(state: RaftState, effect: Effect): void {
  state.outbox.rest.push(effect);
}

export function notice(state: RaftState, fact: Notice): void {
  state.outbox.rest.push({ kind: 'notice', notice: fact });
}

/** Ends the step: orders the write, ties the promises to it, and empties the box. */
export function collectEffects(state: RaftState): Effect[] {
  const { outbox, disk } = state;
  const effects: Effect[] = [];
  if (wantsPersist(outbox)) {
    const seq = disk.order(state.log.lastIndex);
    if (outbox.hardStateChanged) state.hardStateSeq = seq;
    effects.push({
      kind: 'persist',
      seq,
      hardState: outbox.hardStateChanged ? state.hardState : undefined,
      truncateFrom: outbox.truncateFrom,
      entries: outbox.entries,
      base: outbox.base,
      install: outbox.install,
    });
    outbox.hardStateChanged = false;
    outbox.truncateFrom = undefined;
    outbox.entries = [];
    outbox.base = undefined;
    outbox.install = undefined;
  }
  if (outbox.news.length > 0 || outbox.patient.length > 0) {
    const afterSeq = disk.firstPending !== 0 && state.hardStateSeq >= disk.firstPending ? state.hardStateSeq : 0;
    for (const message of outbox.news) effects.push({ kind: 'send', message, mayWait: false, afterSeq });
    for (const message of outbox.patient) effects.push({ kind: 'send', message, mayWait: true, afterSeq });
    outbox.news = [];
    outbox.patient = [];
  }
  if (outbox.promises.length > 0) {
    for (const message of outbox.promises)
      effects.push({ kind: 'send', message, mayWait: false, afterSeq: disk.lastPending });
    outbox.promises = [];
  }
  if (outbox.rest.length > 0) {
    for (const effect of outbox.rest) effects.push(effect);
    outbox.rest = [];
  }
  return effects;
}

function wantsPersist(outbox: Outbox): boolean {
  return (
    outbox.hardStateChanged ||
    outbox.entries.length > 0 ||
    outbox.truncateFrom !== undefined ||
    outbox.base !== undefined ||
    outbox.install !== undefined
  );
}
