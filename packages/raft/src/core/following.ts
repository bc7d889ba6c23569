import type { Append, CommitNotice, Heartbeat } from '../contract/message.ts';
import { decodeFeatureLevel } from '../log/feature-level.ts';
import { decodeConfiguration } from '../membership/configuration-codec.ts';
import { type Entry, entryKinds } from '../vocabulary/entry.ts';
import { entryPayload } from '../vocabulary/entry-frame.ts';
import { assertInvariant } from '../vocabulary/invariant.ts';
import { beforeLog, higherIndex, indexAfter, type LogIndex, lowerIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import { commitTo } from './commit.ts';
import { heedLeader } from './office.ts';
import { emit, notice, sendNews, sendPromise } from './outbox.ts';
import { enterQuarantine } from './quarantine.ts';
import type { RaftState } from './state.ts';

/** Entries, or news, from the leader of the present term. */
export function onAppend(state: RaftState, message: Append): void {
  heedLeader(state, message.from);
  const { log } = state;
  const { previousIndex } = message;
  const end = indexAfter(previousIndex, message.entries.length);
  if (end <= log.commitIndex) {
    // Everything in it is decided here already, and so is more.
    accept(state, message.from, log.commitIndex);
    return;
  }
  const fault = faultOfEntries(message);
  if (fault !== undefined) {
    notice(state, { kind: 'bad-message', peer: message.from, reason: fault });
    return;
  }
  if (previousIndex >= log.base.index && log.termAt(previousIndex) !== message.previousTerm) {
    reject(state, message);
    return;
  }
  takeOver(state, message.entries);
  // Beyond the end of this message the log may still differ from the leader's (rule 18).
  commitTo(state, lowerIndex(message.commit, end));
  accept(state, message.from, end);
}

/**
 * Appends what is new. Truncates on a real conflict only: an older or doubled message that is shorter says nothing about what follows (rule 17).
 */
function takeOver(state: RaftState, entries: readonly Entry[]): void {
  const { log } = state;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    if (entry.index <= log.base.index) continue;
    const held = log.termAt(entry.index);
    if (held === entry.term) continue;
    if (held !== undefined) truncate(state, entry.index);
    const before = log.configurationIndex;
    for (let j = i; j < entries.length; j++) {
      log.append(entries[j] as Entry);
      state.outbox.entries.push(entries[j] as Entry);
    }
    if (log.configurationIndex !== before) announceConfiguration(state);
    return;
  }
}

/** Rule 19: what is committed is never taken back, whoever asks for it. */
function truncate(state: RaftState, from: LogIndex): void {
  const { log } = state;
  assertInvariant(
    from > log.commitIndex,
    () => `asked to truncate from ${from}, but everything up to ${log.commitIndex} is committed`,
  );
  notice(state, { kind: 'truncated', from, entries: log.lastIndex - from + 1 });
  const before = log.configurationIndex;
  log.truncateFrom(from);
  state.disk.truncateFrom(from);
  state.outbox.truncateFrom = from;
  if (log.configurationIndex !== before) announceConfiguration(state);
}

function announceConfiguration(state: RaftState): void {
  const { configuration, configurationIndex: index, commitIndex } = state.log;
  emit(state, { kind: 'configuration-changed', configuration, index, committed: index <= commitIndex });
}

/** Acknowledges what matches **and** is durable: the promise waits for the disk (rule 20). */
function accept(state: RaftState, leader: MemberId, matchIndex: LogIndex): void {
  state.matched = { term: state.hardState.term, index: higherIndex(matchIndex, matchedIndex(state)) };
  sendPromise(state, leader, {
    kind: 'append-accepted',
    matchIndex,
    lastIndex: state.log.lastIndex,
    quarantined: state.hardState.quarantinedUpTo !== undefined,
  });
}

function matchedIndex(state: RaftState): LogIndex {
  return state.matched.term === state.hardState.term ? state.matched.index : beforeLog;
}

/** Tells the highest index that can still match, skipping whole terms (rule 30); the commit index does for sure. */
function reject(state: RaftState, message: Append): void {
  const { log } = state;
  const start = lowerIndex(message.previousIndex, log.lastIndex);
  const hintIndex = higherIndex(log.lastAtOrBelow(start, message.previousTerm), log.commitIndex);
  sendNews(state, message.from, {
    kind: 'append-rejected',
    rejectedIndex: message.previousIndex,
    hintIndex,
    hintTerm: log.termAt(hintIndex) ?? log.base.term,
    lastIndex: log.lastIndex,
    quarantined: state.hardState.quarantinedUpTo !== undefined,
  });
}

export function onCommitNotice(state: RaftState, message: CommitNotice): void {
  heedLeader(state, message.from);
  learnCommit(state, message.commit);
}

/** Never beyond what this process has matched: the leader may speak of what an earlier incarnation held. */
function learnCommit(state: RaftState, commit: LogIndex): void {
  commitTo(state, lowerIndex(commit, matchedIndex(state)));
}

export function onHeartbeat(state: RaftState, message: Heartbeat): void {
  heedLeader(state, message.from);
  if (message.lostPromise && state.hardState.quarantinedUpTo === undefined) enterQuarantine(state);
  learnCommit(state, message.commit);
  sendNews(state, message.from, {
    kind: 'heartbeat-answer',
    round: message.round,
    quarantined: state.hardState.quarantinedUpTo !== undefined,
    supportedFeatureLevel: state.options.supportedFeatureLevel,
    diskLow: state.diskLow,
  });
}

/** What the codec cannot know: payloads that the core itself reads. */
function faultOfEntries(message: Append): string | undefined {
  for (const entry of message.entries) {
    if (entry.kind === entryKinds.configuration && decodeConfiguration(entryPayload(entry)) === undefined) {
      return `entry ${entry.index} holds no configuration`;
    }
    if (entry.kind === entryKinds.featureLevel && decodeFeatureLevel(entryPayload(entry)) === undefined) {
      return `entry ${entry.index} holds no feature level`;
    }
  }
  return undefined;
}
