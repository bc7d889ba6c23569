import type { MemberId } from '../vocabulary/member-id.ts';
import type { Configuration } from './configuration.ts';

/** Members needed for a majority of `count`. */
export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The highest value that a majority of the voters has reached; in a joint configuration, a majority of each half (rule 39). 0 without
 * voters. Used for commit indexes and for heartbeat rounds alike.
 */
export function quorumValue(configuration: Configuration, reachedBy: (id: MemberId) => number): number {
  const incoming = majorityValue(configuration.voters, reachedBy);
  if (configuration.outgoing.length === 0) return incoming;
  return Math.min(incoming, majorityValue(configuration.outgoing, reachedBy));
}

function majorityValue(voters: readonly MemberId[], reachedBy: (id: MemberId) => number): number {
  if (voters.length === 0) return 0;
  const values: number[] = [];
  for (const id of voters) {
    // Insertion keeps the few values in descending order.
    const value = reachedBy(id);
    let at = values.length;
    for (; at > 0 && (values[at - 1] as number) < value; at--) values[at] = values[at - 1] as number;
    values[at] = value;
  }
  return values[majority(voters.length) - 1] as number;
}

/** Whether those for whom `holds` is true are a majority of the voters, in each half. */
export function isQuorum(configuration: Configuration, holds: (id: MemberId) => boolean): boolean {
  return tally(configuration, holds) === 'won';
}

export type VoteOutcome = 'won' | 'lost' | 'open';

/** Counts votes: true for, false against, undefined not yet heard. */
export function tally(configuration: Configuration, voteOf: (id: MemberId) => boolean | undefined): VoteOutcome {
  const incoming = tallyHalf(configuration.voters, voteOf);
  if (configuration.outgoing.length === 0) return incoming;
  const outgoing = tallyHalf(configuration.outgoing, voteOf);
  if (incoming === 'lost' || outgoing === 'lost') return 'lost';
  return incoming === 'won' && outgoing === 'won' ? 'won' : 'open';
}

function tallyHalf(voters: readonly MemberId[], voteOf: (id: MemberId) => boolean | undefined): VoteOutcome {
  const wanted = majority(voters.length);
  let granted = 0;
  let refused = 0;
  for (const id of voters) {
    const vote = voteOf(id);
    if (vote === true) granted++;
    else if (vote === false) refused++;
  }
  if (granted >= wanted) return 'won';
  return voters.length - refused >= wanted ? 'open' : 'lost';
}
