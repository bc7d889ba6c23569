import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Configuration, MemberId } from '../src/index.ts';
import { isQuorum, majority, quorumValue, tally } from '../src/membership/quorum.ts';
import './harness/property-seed.ts';

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 });
const values = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 10, maxLength: 10 });
const votes = fc.array(fc.constantFrom(true, false, undefined), { minLength: 10, maxLength: 10 });

function configuration(voters: readonly number[], outgoing: readonly number[]): Configuration {
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b) as MemberId[];
  return {
    voters: sorted(voters),
    outgoing: sorted(outgoing),
    learners: [],
    learnersNext: [],
    members: [],
    nextMemberId: 10,
  };
}

/** The definition, word by word: the highest value that more than half of the voters have reached. */
function naiveValue(voters: readonly number[], reached: readonly number[]): number {
  let best = 0;
  for (let candidate = 0; candidate <= 12; candidate++) {
    const holders = voters.filter((id) => (reached[id] as number) >= candidate);
    if (holders.length * 2 > voters.length) best = candidate;
  }
  return best;
}

function naiveTally(voters: readonly number[], cast: readonly (boolean | undefined)[]): string {
  const granted = voters.filter((id) => cast[id] === true).length;
  const open = voters.filter((id) => cast[id] === undefined).length;
  if (granted * 2 > voters.length) return 'won';
  return (granted + open) * 2 > voters.length ? 'open' : 'lost';
}

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [5, 3],
  [7, 4],
])('of %i voters %i are a majority', (count, wanted) => {
  expect(majority(count)).toBe(wanted);
});

test('the value of a quorum is the highest that a majority of each half has reached', () => {
  fc.assert(
    fc.property(ids, ids, values, (voters, outgoing, reached) => {
      const found = quorumValue(configuration(voters, outgoing), (id) => reached[id] as number);
      const incoming = naiveValue(voters, reached);
      expect(found).toBe(outgoing.length === 0 ? incoming : Math.min(incoming, naiveValue(outgoing, reached)));
    }),
  );
});

test('an election is won with a majority of each half, and lost when one half cannot give it any more', () => {
  fc.assert(
    fc.property(ids, ids, votes, (voters, outgoing, cast) => {
      const outcomes = [naiveTally(voters, cast), ...(outgoing.length > 0 ? [naiveTally(outgoing, cast)] : [])];
      const wanted = outcomes.includes('lost') ? 'lost' : outcomes.includes('open') ? 'open' : 'won';
      expect(tally(configuration(voters, outgoing), (id) => cast[id])).toBe(wanted);
    }),
  );
});

test('two quorums of one configuration always share a member', () => {
  fc.assert(
    fc.property(ids, ids, votes, votes, (voters, outgoing, first, second) => {
      const config = configuration(voters, outgoing);
      if (!isQuorum(config, (id) => first[id] === true) || !isQuorum(config, (id) => second[id] === true)) return;
      expect(voters.some((id) => first[id] === true && second[id] === true)).toBe(true);
    }),
  );
});
