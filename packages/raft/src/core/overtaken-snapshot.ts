import { emit } from './outbox.ts';
import type { RaftState } from './state.ts';

/**
 * Entries came after all, and the log has overtaken the snapshot that was being received: what is kept of it only takes up room. True when there was
 * one. Not while a chunk is being stored, since the shell would keep that.
 */
export function dropOvertaken(state: RaftState): boolean {
  const { receiving, log } = state;
  if (receiving?.phase !== 'receiving' || receiving.snapshot.base.index > log.commitIndex) return false;
  emit(state, { kind: 'discard-snapshot', snapshotId: receiving.snapshot.snapshotId });
  state.receiving = undefined;
  return true;
}
