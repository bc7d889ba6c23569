import { type Heartbeat, type HeartbeatAnswer, logIndex, memberId, term } from '@berth/raft';
import { beforeEach, expect, test } from 'vitest';
import { RoundTrips } from '../../src/consensus/round-trips.ts';

let nowMs = 0;
let round = 0;
let trips: RoundTrips;

beforeEach(() => {
  nowMs = 0;
  round = 0;
  trips = new RoundTrips(() => nowMs);
});

test('a peer that answers in less than five milliseconds is near, and that is said once', () => {
  expect(roundTrip(4)).toBe(true);
  expect(roundTrip(4)).toBeUndefined();
});

test('a peer that never answers sooner is far', () => {
  expect(roundTrip(20)).toBe(false);
  expect(roundTrip(21)).toBeUndefined();
});

test('one quick answer shows that the others were only late', () => {
  expect(roundTrip(40)).toBe(false);
  expect(roundTrip(1)).toBe(true);
  for (let i = 0; i < 31; i++) expect(roundTrip(40)).toBeUndefined();
});

test('it does not count for ever: links change', () => {
  expect(roundTrip(1)).toBe(true);
  const said = Array.from({ length: 32 }, () => roundTrip(40));
  expect(said.filter((near) => near !== undefined)).toEqual([false]);
});

test('each reign is told anew', () => {
  expect(roundTrip(1, 7)).toBe(true);
  expect(roundTrip(1, 8)).toBe(true);
});

test('answers to earlier rounds, or to nothing, say nothing', () => {
  expect(trips.answered(answer(7, 1))).toBeUndefined();
  trips.sent(heartbeat(7, 1));
  trips.sent(heartbeat(7, 2));
  expect(trips.answered(answer(7, 1))).toBeUndefined();
});

function roundTrip(ms: number, inTerm = 7): boolean | undefined {
  round += 1;
  trips.sent(heartbeat(inTerm, round));
  nowMs += ms;
  return trips.answered(answer(inTerm, round));
}

function heartbeat(inTerm: number, inRound: number): Heartbeat {
  const envelope = { from: memberId(1), to: memberId(2), incarnation: 1, term: term(inTerm) };
  return { kind: 'heartbeat', ...envelope, commit: logIndex(0), round: inRound, lostPromise: false };
}

function answer(inTerm: number, inRound: number): HeartbeatAnswer {
  const envelope = { from: memberId(2), to: memberId(1), incarnation: 1, term: term(inTerm) };
  const standing = { quarantined: false, diskLow: false, supportedFeatureLevel: 1 };
  return { kind: 'heartbeat-answer', ...envelope, round: inRound, ...standing };
}
