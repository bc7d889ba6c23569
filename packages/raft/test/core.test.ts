import { expect, test } from 'vitest';
import { roleTransitions } from '../src/core/role.ts';
import {
  createRaft,
  type Event,
  emptyConfiguration,
  foundingBase,
  foundingConfiguration,
  initialHardState,
  inspect,
  LogSummarizer,
  logIndex,
  memberId,
  type RaftState,
  raftOptions,
  type StoredState,
  step,
  term,
} from '../src/index.ts';
import { testMember } from './harness/scenario-cluster.ts';
import { testChecksum } from './harness/scenario-member.ts';

const configuration = foundingConfiguration([testMember(1), testMember(2), testMember(3)]);
const fresh: StoredState = {
  hardState: initialHardState,
  base: foundingBase(configuration),
  log: new LogSummarizer(foundingBase(configuration)).summary(),
  applied: logIndex(0),
  partialSnapshot: undefined,
  promiseLost: false,
};

function start(seed: number, stored = fresh): RaftState {
  return createRaft(raftOptions({ id: memberId(1), incarnation: 1, seed, checksum: testChecksum }), stored);
}

/** Ticks until it asks for votes. */
function ticksToCampaign(state: RaftState): number {
  for (let ticks = 1; ; ticks++) {
    step(state, { kind: 'tick', elapsedTicks: 1 });
    if (inspect(state).role !== 'follower') return ticks;
  }
}

test('the table of role changes is the one of the design', () => {
  expect(roleTransitions).toEqual({
    follower: ['follower', 'pre-candidate', 'candidate'],
    'pre-candidate': ['follower', 'pre-candidate', 'candidate'],
    candidate: ['follower', 'pre-candidate', 'leader'],
    leader: ['follower'],
  });
});

test('rule 7: election timeouts are drawn anew each time, from [T, 2T)', () => {
  const waits: number[] = [];
  const state = start(7);
  for (let i = 0; i < 200; i++) {
    waits.push(ticksToCampaign(state));
    for (const from of [2, 3]) refusePreVote(state, from);
  }
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...waits)).toBeLessThan(40);
  expect(new Set(waits).size).toBeGreaterThan(12);
  expect(new Set(Array.from({ length: 20 }, (_, seed) => ticksToCampaign(start(seed)))).size).toBeGreaterThan(5);
});

function refusePreVote(state: RaftState, from: number): void {
  const envelope = { from: memberId(from), to: memberId(1), incarnation: 1, term: inspect(state).term };
  const candidacy = term(envelope.term + 1);
  step(state, { kind: 'message', message: { kind: 'pre-vote-answer', ...envelope, candidacy, granted: false } });
}

test('equal states and events give equal effects', () => {
  const vote = { from: memberId(2), to: memberId(1), incarnation: 1, term: term(1) };
  const events: Event[] = [
    ...Array.from({ length: 45 }, (): Event => ({ kind: 'tick', elapsedTicks: 1 })),
    {
      kind: 'message',
      message: { kind: 'pre-vote-answer', ...vote, term: term(0), candidacy: term(1), granted: true },
    },
    { kind: 'persisted', seq: 1 },
    { kind: 'message', message: { kind: 'vote-answer', ...vote, granted: true } },
    { kind: 'propose', proposals: [{ session: 1, sequence: 1, ackedBelow: 1, payload: new Uint8Array(9) }] },
    { kind: 'read', id: 3, elapsedTicks: 0 },
  ];
  const run = () => {
    const state = start(5);
    return events.map((event) => structuredClone(step(state, event).effects));
  };
  expect(run()).toEqual(run());
  expect(run().flat().length).toBeGreaterThan(10);
});

test.each<[string, Partial<StoredState>, string]>([
  ['applied before the log begins', { base: { ...fresh.base, index: logIndex(5) } }, 'applied index 0 lies before'],
  ['applied beyond the log', { applied: logIndex(3) }, "applied index 3 lies beyond the log's end 0"],
  [
    'a log younger than the hard state',
    { base: { ...fresh.base, term: term(4) } },
    'the log ends in term 4, the hard state is of 0',
  ],
])('rule 56: a core does not start on %s', (_what, broken, message) => {
  expect(() => start(1, { ...fresh, ...broken })).toThrow(message);
});

test('a joiner with an empty configuration waits to be found', () => {
  const base = foundingBase(emptyConfiguration);
  const state = start(1, { ...fresh, base, log: new LogSummarizer(base).summary() });
  for (let i = 0; i < 500; i++) expect(step(state, { kind: 'tick', elapsedTicks: 1 }).effects).toEqual([]);
});

test.each([
  [{ electionTicks: 5 }, 'option electionTicks must be at least 3 heartbeats (6), got 5'],
  [{ maxAppendBytes: 0 }, 'option maxAppendBytes must be a whole number >= 1, got 0'],
  [{ heartbeatTicks: 1.5 }, 'option heartbeatTicks must be a whole number >= 1, got 1.5'],
  [{ leaseReads: { driftPercent: 60 } }, 'option leaseReads.driftPercent must be in [0, 50), got 60'],
])('options %j are refused by name', (given, message) => {
  expect(() => raftOptions({ id: memberId(1), incarnation: 1, seed: 1, checksum: testChecksum, ...given })).toThrow(
    message,
  );
});
