import { lowerIndex } from '../vocabulary/log-index.ts';
import { sendNews } from './outbox.ts';
import type { Progress } from './progress.ts';
import type { Leader } from './role.ts';
import type { RaftState } from './state.ts';

/** Rounds whose start is remembered for lease reads; older ones are never the quorum's. */
const rememberedRounds = 64;

/** Starts a new round. Heartbeats go to everyone, whatever the state of replication, and never wait for it. */
export function broadcastHeartbeat(state: RaftState, leader: Leader): void {
  leader.round++;
  leader.heartbeatElapsed = 0;
  if (state.options.leaseReads !== undefined) {
    const { roundStarts } = leader.reads;
    roundStarts.push({ round: leader.round, tick: leader.reignTicks });
    if (roundStarts.length > rememberedRounds) roundStarts.shift();
  }
  for (const progress of leader.progress.values()) sendHeartbeat(state, leader, progress);
}

/** Belongs to the round that is under way. */
export function sendHeartbeat(state: RaftState, leader: Leader, progress: Progress): void {
  sendNews(state, progress.id, {
    kind: 'heartbeat',
    commit: lowerIndex(state.log.commitIndex, progress.match),
    round: leader.round,
    lostPromise: progress.lostPromise,
  });
}
