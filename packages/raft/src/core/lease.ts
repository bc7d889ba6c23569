import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/**
 * Whether the leader may answer reads without asking: no voter that answered the youngest confirmed round can have granted a vote since. The lease
 * runs from the **start** of that round, is shortened by twice the clock drift, and by two ticks for the grain of the clock (rule 36).
 */
export function leaseHolds(state: RaftState, leader: Leader, elapsedTicks: number): boolean {
  const { leaseReads, electionTicks } = state.options;
  const { leaseFrom, leaseRevoked } = leader.reads;
  if (leaseReads === undefined || leaseFrom === undefined || leaseRevoked) return false;
  const length = Math.floor(electionTicks * (1 - (2 * leaseReads.driftPercent) / 100)) - 2;
  return leader.reignTicks + elapsedTicks - leaseFrom < length;
}

/** A quorum has answered `confirmed`. */
export function renewLease(state: RaftState, leader: Leader, confirmed: number): void {
  if (state.options.leaseReads === undefined) return;
  const { reads } = leader;
  for (const start of reads.roundStarts) if (start.round <= confirmed) reads.leaseFrom = start.tick;
  while (reads.roundStarts.length > 0 && (reads.roundStarts[0] as { round: number }).round <= confirmed) {
    reads.roundStarts.shift();
  }
}
