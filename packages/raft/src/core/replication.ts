import type { Entry } from '../vocabulary/entry.ts';
import { indexAfter, type LogIndex } from '../vocabulary/log-index.ts';
import type { Term } from '../vocabulary/term.ts';
import { emit, sendNews, sendPatiently } from './outbox.ts';
import type { Progress } from './progress.ts';
import type { Leader } from './role.ts';
import { beginSnapshot } from './snapshot-flow.ts';
import type { RaftState } from './state.ts';

/** Sends everyone what flow control allows. */
export function replicateToAll(state: RaftState, leader: Leader): void {
  for (const progress of leader.progress.values()) replicate(state, leader, progress);
}

/** Sends one peer the entries it lacks, as many appends as flow control allows. */
export function replicate(state: RaftState, leader: Leader, progress: Progress): void {
  const { log } = state;
  while (progress.next <= log.lastIndex && mayAppend(state, progress)) {
    const previousIndex = indexAfter(progress.next, -1);
    const previousTerm = log.termAt(previousIndex);
    if (previousTerm === undefined) {
      beginSnapshot(state, leader, progress);
      return;
    }
    const entries = entriesFor(state, progress);
    if (entries === undefined) return;
    sendAppend(state, progress, previousIndex, previousTerm, entries);
  }
}

/** Entries read back from the disk for a peer that lags. */
export function onEntriesForPeer(
  state: RaftState,
  leader: Leader,
  progress: Progress,
  entries: readonly Entry[],
): void {
  progress.reading = false;
  const first = entries[0] as Entry;
  const previousIndex = indexAfter(first.index, -1);
  const previousTerm = state.log.termAt(previousIndex);
  // While the disk was read the peer may have moved on, or the log may have been compacted, or even replaced under another leader.
  const areOurs = entries.every((entry) => state.log.termAt(entry.index) === entry.term);
  if (first.index === progress.next && previousTerm !== undefined && areOurs && mayAppend(state, progress)) {
    sendAppend(state, progress, previousIndex, previousTerm, entries);
  }
  replicate(state, leader, progress);
}

/** An append without entries: finds out where a peer stands. It takes no place in the window. */
export function sendEmptyAppend(state: RaftState, leader: Leader, progress: Progress): void {
  const previousIndex = indexAfter(progress.next, -1);
  const previousTerm = state.log.termAt(previousIndex);
  if (previousTerm === undefined) {
    if (progress.flow.kind === 'probe') beginSnapshot(state, leader, progress);
    return;
  }
  if (progress.flow.kind === 'snapshot') return;
  if (progress.flow.kind === 'probe') progress.flow.paused = true;
  post(state, progress, previousIndex, previousTerm, []);
}

/** Tells the commit index to peers that would otherwise hear of it only with the next heartbeat. */
export function tellCommit(state: RaftState, leader: Leader): void {
  for (const progress of leader.progress.values()) tellCommitTo(state, progress);
}

/**
 * While appends are under way their successors carry the news; an idle peer gets a message of its own, at once when somebody there waits
 * for it. Otherwise it may wait: where one entry follows the other, the append of the next one says it.
 */
export function tellCommitTo(state: RaftState, progress: Progress): void {
  const { flow, toldCommit } = progress;
  const commit = state.log.commitIndex;
  if (flow.kind !== 'replicate' || flow.window.appends > 0 || toldCommit >= commit) return;
  progress.toldCommit = commit;
  const send = progress.awaited > toldCommit ? sendNews : sendPatiently;
  send(state, progress.id, { kind: 'commit-notice', commit });
}

function mayAppend(state: RaftState, progress: Progress): boolean {
  const { flow } = progress;
  switch (flow.kind) {
    case 'probe':
      return !flow.paused;
    case 'replicate':
      return !flow.window.full && (!waitsToFill(state, progress) || fillsAppend(state, progress));
    case 'snapshot':
      return false;
  }
}

/**
 * Whether enough is under way to a near peer that what is less than a whole append had better wait for an answer: under load it goes together with what comes
 * meanwhile, and a message costs as much as many entries. To a far peer that would cost too much time.
 */
export function waitsToFill({ options }: RaftState, { flow, near }: Progress): boolean {
  return near && flow.kind === 'replicate' && flow.window.appends >= options.maxPartialAppends;
}

function fillsAppend({ log, options }: RaftState, { next }: Progress): boolean {
  if (log.lastIndex - next + 1 >= options.maxAppendEntries) return true;
  let bytes = 0;
  for (let index = next; index <= log.lastIndex; index++) {
    const entry = log.cache.get(index);
    // It has to be read from the disk: then it is much.
    if (entry === undefined) return true;
    bytes += entry.frame.length;
    if (bytes >= options.maxAppendBytes) return true;
  }
  return false;
}

/** From memory, or undefined when the disk must be asked first. */
function entriesFor(state: RaftState, progress: Progress): Entry[] | undefined {
  const { log, options } = state;
  const held = log.cache.firstIndex;
  if (held !== undefined && progress.next >= held) {
    return log.cache.slice(progress.next, log.lastIndex, options.maxAppendEntries, options.maxAppendBytes);
  }
  if (!progress.reading) {
    progress.reading = true;
    const to = held === undefined ? log.lastIndex : indexAfter(held, -1);
    emit(state, {
      kind: 'read-entries',
      reader: progress.id,
      from: progress.next,
      to,
      maxBytes: options.maxAppendBytes,
    });
  }
  return undefined;
}

function sendAppend(
  state: RaftState,
  progress: Progress,
  previousIndex: LogIndex,
  previousTerm: Term,
  entries: readonly Entry[],
): void {
  const { flow } = progress;
  if (flow.kind === 'probe') flow.paused = true;
  else if (flow.kind === 'replicate') {
    const last = (entries.at(-1) as Entry).index;
    let bytes = 0;
    for (const entry of entries) bytes += entry.frame.length;
    flow.window.add(last, bytes);
    progress.next = indexAfter(last);
  }
  post(state, progress, previousIndex, previousTerm, entries);
}

function post(
  state: RaftState,
  progress: Progress,
  previousIndex: LogIndex,
  previousTerm: Term,
  entries: readonly Entry[],
): void {
  const commit = state.log.commitIndex;
  progress.toldCommit = commit;
  sendNews(state, progress.id, { kind: 'append', previousIndex, previousTerm, commit, entries });
}
