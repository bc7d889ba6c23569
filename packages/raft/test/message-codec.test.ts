import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeBase,
  decodeMessage,
  type Entry,
  encodeBase,
  encodeInPieces,
  encodeMessage,
  entryOrigin,
  entryPayload,
  foundingBase,
  foundingConfiguration,
  frameEntry,
  logIndex,
  type Message,
  memberId,
  noOrigin,
  parseEntryFrame,
  term,
} from '../src/index.ts';
import './harness/property-seed.ts';
import { testChecksum } from './harness/scenario-member.ts';

const whole = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
const index = whole.map(logIndex);
const terms = whole.map(term);
const bytes = fc.uint8Array({ maxLength: 60 });
const envelope = {
  from: fc.integer({ min: 1, max: 1e12 }).map(memberId),
  to: fc.integer({ min: 1, max: 1e12 }).map(memberId),
  incarnation: whole,
};
const configuration = foundingConfiguration([
  { id: memberId(1), directory: 'a', address: 'first:6445', preferred: true },
  { id: memberId(7), directory: 'b', address: 'zweite:6445', preferred: false },
]);
const base = fc.record({ index, term: terms, featureLevel: fc.nat(1000) }).map((place) => ({
  ...foundingBase(configuration),
  ...place,
}));

/** Entries that follow each other, as one append carries them. */
const append: fc.Arbitrary<Message> = fc
  .record({
    ...envelope,
    start: fc.nat({ max: 1000 }),
    steps: fc.array(fc.record({ rise: fc.nat({ max: 2 }), kind: fc.integer({ min: 1, max: 255 }), payload: bytes }), {
      maxLength: 5,
    }),
    commit: index,
  })
  .map(({ start, steps, ...rest }) => {
    const entries: Entry[] = [];
    let current = 3;
    steps.forEach(({ rise, kind, payload }, i) => {
      current += rise;
      const place = { index: logIndex(start + 1 + i), term: term(current), kind };
      entries.push(frameEntry(place, { session: 7, sequence: i, ackedBelow: 1 }, payload, testChecksum));
    });
    return {
      kind: 'append',
      ...rest,
      term: term(current + 1),
      previousIndex: logIndex(start),
      previousTerm: term(3),
      entries,
    };
  });

const standing = { quarantined: fc.boolean() };
const id = fc.record({ session: whole, sequence: whole });
const reason = fc.constantFrom('no-leader', 'not-leader', 'busy', 'too-large', 'disk-full', 'transferring' as const);

/** Every kind of message with any content. */
const message: fc.Arbitrary<Message> = fc.oneof(
  append,
  record('pre-vote-request', { lastIndex: index, lastTerm: terms }),
  record('pre-vote-answer', { candidacy: terms, granted: fc.boolean() }),
  record('vote-request', { lastIndex: index, lastTerm: terms, transfer: fc.boolean() }),
  record('vote-answer', { granted: fc.boolean() }),
  record('append-accepted', { matchIndex: index, lastIndex: index, ...standing }),
  record('append-rejected', { rejectedIndex: index, hintIndex: index, hintTerm: terms, lastIndex: index, ...standing }),
  record('commit-notice', { commit: index }),
  record('heartbeat', { commit: index, round: whole, lostPromise: fc.boolean() }),
  record('heartbeat-answer', {
    round: whole,
    supportedFeatureLevel: fc.nat(1000),
    diskLow: fc.boolean(),
    ...standing,
  }),
  record('snapshot-offer', { snapshot: fc.record({ snapshotId: whole, base }) }),
  record('snapshot-chunk', {
    snapshotId: whole,
    offset: whole,
    data: bytes,
    checksum: fc.nat(2 ** 32 - 1),
    last: fc.boolean(),
  }),
  record('snapshot-progress', {
    snapshotId: whole,
    status: fc.constantFrom('continue', 'installed', 'unneeded'),
    nextOffset: whole,
    matchIndex: index,
    ...standing,
  }),
  record('read-request', { token: whole }),
  record('read-answer', { token: whole, requester: whole, index: fc.option(index, { nil: undefined }) }),
  record('forward', {
    proposals: fc.array(fc.record({ session: whole, sequence: whole, ackedBelow: whole, payload: bytes }), {
      maxLength: 4,
    }),
  }),
  record('forward-refused', { ids: fc.array(id, { maxLength: 4 }), reason }),
  record('campaign-now', {}),
  record('newer-term', {}),
  record('removed', { configurationIndex: index }),
);

function record(kind: Message['kind'], fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Message> {
  return fc
    .record({ ...envelope, term: terms, ...fields })
    .map((content) => ({ kind, ...content }) as unknown as Message);
}

test('every message survives its wire form, which is the same in pieces', () => {
  fc.assert(
    fc.property(message, (sent) => {
      const encoded = encodeMessage(sent);
      expect(decodeMessage(encoded, testChecksum)).toEqual({ ok: true, message: sent });
      expect(encodeInPieces(sent).flatMap((piece) => [...piece])).toEqual([...encoded]);
    }),
    { numRuns: 2000 },
  );
});

test('a message that is cut off or has something behind it is refused', () => {
  fc.assert(
    fc.property(message, fc.nat(), (sent, at) => {
      const encoded = encodeMessage(sent);
      expect(decodeMessage(encoded.subarray(0, at % encoded.length), testChecksum).ok).toBe(false);
      expect(decodeMessage(Uint8Array.from([...encoded, 0]), testChecksum).ok).toBe(false);
    }),
  );
});

test('any bytes at all are decoded or refused, never more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      const decoded = decodeMessage(noise, testChecksum);
      if (decoded.ok) expect(encodeMessage(decoded.message)).toEqual(noise);
      else expect(decoded.fault).not.toBe('');
    }),
    { numRuns: 5000 },
  );
});

test('a flipped bit in a sound message gives another sound message or a fault, and never a changed entry', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.nat({ max: 7 }), (sent, at, bit) => {
      const encoded = encodeMessage(sent).slice();
      const place = at % encoded.length;
      encoded[place] = (encoded[place] as number) ^ (1 << bit);
      const decoded = decodeMessage(encoded, testChecksum);
      if (!decoded.ok || decoded.message.kind !== 'append' || sent.kind !== 'append') return;
      expect(decoded.message.entries).toEqual(sent.entries);
    }),
    { numRuns: 3000 },
  );
});

test('entries of an append must follow each other, in terms that never fall', () => {
  const entry = (at: number, inTerm: number) =>
    frameEntry({ index: logIndex(at), term: term(inTerm), kind: 2 }, noOrigin, new Uint8Array(3), testChecksum);
  const send = (...entries: Entry[]) =>
    decodeMessage(
      encodeMessage({
        kind: 'append',
        from: memberId(1),
        to: memberId(2),
        incarnation: 1,
        term: term(5),
        previousIndex: logIndex(4),
        previousTerm: term(2),
        commit: logIndex(0),
        entries,
      }),
      testChecksum,
    );
  expect(send(entry(5, 2), entry(6, 5)).ok).toBe(true);
  expect(send(entry(6, 2))).toEqual({ ok: false, fault: 'entry 6 stands where 5 belongs' });
  expect(send(entry(5, 3), entry(6, 2)).ok).toBe(false);
  expect(send(entry(5, 6)).ok).toBe(false);
});

test('a frame gives back place, origin and payload, and notices any flipped bit', () => {
  fc.assert(
    fc.property(bytes, whole, whole, fc.nat(), fc.nat({ max: 7 }), (payload, session, sequence, at, bit) => {
      const place = { index: logIndex(9), term: term(4), kind: 2 };
      const { frame } = frameEntry(place, { session, sequence, ackedBelow: 3 }, payload, testChecksum);
      const parsed = parseEntryFrame(frame, 0, testChecksum);
      if (!parsed.ok) throw new Error(parsed.fault);
      expect(parsed.entry).toMatchObject(place);
      expect(entryPayload(parsed.entry)).toEqual(payload);
      expect(entryOrigin(parsed.entry)).toEqual({ session, sequence, ackedBelow: 3 });
      const damaged = frame.slice();
      damaged[at % frame.length] = (damaged[at % frame.length] as number) ^ (1 << bit);
      expect(parseEntryFrame(damaged, 0, testChecksum).ok).toBe(false);
    }),
  );
});

test('a log base survives its bytes', () => {
  fc.assert(
    fc.property(base, (sent) => {
      expect(decodeBase(encodeBase(sent))).toEqual(sent);
    }),
  );
  expect(decodeBase(new Uint8Array(3))).toBeUndefined();
});
