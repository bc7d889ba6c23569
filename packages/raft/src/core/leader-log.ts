import { noOrigin, type Origin } from '../vocabulary/entry.ts';
import { frameEntry } from '../vocabulary/entry-frame.ts';
import { indexAfter, type LogIndex } from '../vocabulary/log-index.ts';
import { replicateToAll } from './replication.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/** Puts an entry of the present term at the end of the leader's log; the caller replicates. */
export function addEntry(
  state: RaftState,
  leader: Leader,
  kind: number,
  payload: Uint8Array,
  origin: Origin,
): LogIndex {
  const index = indexAfter(state.log.lastIndex);
  const place = { index, term: state.hardState.term, kind };
  const entry = frameEntry(place, origin, payload, state.options.checksum);
  state.log.append(entry);
  state.outbox.entries.push(entry);
  leader.uncommittedBytes += entry.frame.length;
  return index;
}

/** Appends an entry of the leader's own making and sends it off. */
export function appendOwn(state: RaftState, leader: Leader, kind: number, payload: Uint8Array): LogIndex {
  const index = addEntry(state, leader, kind, payload, noOrigin);
  replicateToAll(state, leader);
  return index;
}
