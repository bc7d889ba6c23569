import { type Configuration, findMember } from '../membership/configuration.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { RaftState } from './state.ts';

/**
 * Draws a new timeout: [T, 2T) ticks, or [2T, 3T) where the configuration prefers other voters, or one T more while the disk is low. Never
 * without bound, so that any majority can elect (rule 7).
 */
export function drawElectionTimeout(state: RaftState): void {
  const { electionTicks } = state.options;
  state.electionElapsed = 0;
  state.electionTimeout = electionTicks * (1 + electionTier(state)) + draw(state, electionTicks);
}

/**
 * The known leader is gone, says the transport: campaign soon. Those who heard the same take turns, the preferred first, so that they do not split the
 * votes. Only ever shortens the wait.
 */
export function hastenElection(state: RaftState, gone: MemberId): void {
  const { configuration } = state.log;
  const order = configuration.voters.filter((id) => id !== gone);
  order.sort((a, b) => Number(isPreferred(configuration, b)) - Number(isPreferred(configuration, a)) || a - b);
  const turn = Math.max(0, order.indexOf(state.options.id));
  const timeout = state.electionElapsed + 1 + turn * state.options.heartbeatTicks;
  if (timeout < state.electionTimeout) state.electionTimeout = timeout;
}

function electionTier(state: RaftState): number {
  const { configuration } = state.log;
  const tier = prefersOthers(configuration, state) ? 1 : 0;
  return state.diskLow ? tier + 1 : tier;
}

function prefersOthers(configuration: Configuration, state: RaftState): boolean {
  if (isPreferred(configuration, state.options.id)) return false;
  return configuration.voters.some((id) => isPreferred(configuration, id));
}

export function isPreferred(configuration: Configuration, id: MemberId): boolean {
  return findMember(configuration, id)?.preferred === true;
}

/** A whole number in [0, below), by a generator with 32 bits of state (mulberry32). */
function draw(state: RaftState, below: number): number {
  state.random = (state.random + 0x6d2b79f5) >>> 0;
  let mixed = state.random;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}
