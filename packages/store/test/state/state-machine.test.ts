import { crc32 } from 'node:zlib';
import { type Entry, entryKinds, frameEntry, logIndex, type Origin, term } from '@berth/raft';
import { expect, test } from 'vitest';
import { revision } from '../../src/index.ts';
import { type Command, encodeCommand } from '../../src/state/command.ts';
import { StateMachine } from '../../src/state/state-machine.ts';

test('a command that is in the log twice is applied once and answered the same', () => {
  const log = new TestLog();
  const session = log.openSession();
  const first = log.apply(put('a', '1'), { session, sequence: 1, ackedBelow: 1 });
  const again = log.apply(put('a', '1'), { session, sequence: 1, ackedBelow: 1 });
  expect(first).toMatchObject({ kind: 'txn', response: { succeeded: true, revision: 2 } });
  expect(again).toEqual({ kind: 'repeated', result: { outcome: 'succeeded', revision: 2 } });
  expect(log.machine.space.revision).toBe(2);
});

test('rule 28: an entry that cannot be applied fails identically everywhere and is recorded', () => {
  const log = new TestLog();
  const session = log.openSession();
  const stale: Command = { ...put('a', '1'), fenceTerm: 7 };
  const origin = { session, sequence: 1, ackedBelow: 1 };
  expect(log.apply(stale, origin)).toMatchObject({ kind: 'refused', code: 'fenced' });
  log.term = 7;
  expect(log.apply(stale, origin)).toEqual({ kind: 'repeated', result: { outcome: 'fenced', revision: 1 } });
});

test('a fenced write is applied only in the reign it was decided in', () => {
  const log = new TestLog();
  log.term = 4;
  expect(log.apply({ ...put('a', '1'), fenceTerm: 4 })).toMatchObject({ kind: 'txn' });
  log.term = 5;
  expect(log.apply({ ...put('a', '2'), fenceTerm: 4 })).toMatchObject({ kind: 'refused', code: 'fenced' });
});

test('a command of a session that is gone is not applied', () => {
  const log = new TestLog();
  expect(log.apply(put('a', '1'), { session: 99, sequence: 1, ackedBelow: 1 })).toEqual({ kind: 'session-expired' });
  expect(log.machine.space.revision).toBe(1);
});

test('members whose states differ find out', () => {
  const [leader, sound, odd] = [new TestLog(), new TestLog(), new TestLog()];
  for (const log of [leader, sound, odd]) log.apply(put('a', log === odd ? 'wrong' : 'right'));
  const check = (): Command => ({ kind: 'check-hash', ...leader.machine.lastHash });
  const first = check();
  for (const log of [leader, sound, odd]) log.apply(first);
  const second = check();
  const agrees = [sound, odd].map((log) => {
    const outcome = log.apply(second);
    return outcome.kind === 'hash-checked' && outcome.found === outcome.expected;
  });
  expect(agrees).toEqual([true, false]);
});

test('the first session dates the cluster, later ones do not', () => {
  const log = new TestLog();
  log.openSession(1000);
  log.openSession(2000);
  expect(log.machine.space.createdMs).toBe(1000);
});

class TestLog {
  readonly machine = new StateMachine();
  term = 1;
  #index = 0;

  openSession(wallMs = 500): number {
    const outcome = this.apply({ kind: 'open-session', nonce: 'n', wallMs });
    if (outcome.kind !== 'session-opened') throw new Error(outcome.kind);
    return outcome.session;
  }

  apply(
    command: Command,
    origin: Origin = { session: 0, sequence: 0, ackedBelow: 0 },
  ): ReturnType<StateMachine['apply']> {
    this.#index += 1;
    const place = { index: logIndex(this.#index), term: term(this.term), kind: entryKinds.command };
    const entry: Entry = frameEntry(place, origin, encodeCommand(command), crc32);
    return this.machine.apply(entry);
  }
}

function put(key: string, value: string): Extract<Command, { kind: 'txn' }> {
  const request = { compare: [], success: [{ kind: 'put', key, value: Buffer.from(value) } as const], failure: [] };
  return { kind: 'txn', wallMs: 1000, fenceTerm: undefined, request };
}

test('compaction beyond the present or behind the past is refused', () => {
  const log = new TestLog();
  for (let i = 0; i < 5; i++) log.apply(put('a', String(i)));
  expect(log.apply({ kind: 'compact', to: revision(4) })).toEqual({ kind: 'compacted', to: 4 });
  expect(log.apply({ kind: 'compact', to: revision(4) })).toMatchObject({ kind: 'refused', code: 'compacted' });
  expect(log.apply({ kind: 'compact', to: revision(99) })).toMatchObject({ kind: 'refused', code: 'future-revision' });
});
