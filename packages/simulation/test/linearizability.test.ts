import { expect, test } from 'vitest';
import { type Call, checkKey, Dice, faultByRevisions, History, type Operation, type Outcome } from '../src/index.ts';

const budget = 200_000;

/** `client start-end call -> result`: w5 writes "5", r sees, c3>4 compares and sets, d deletes; `?` unknown; `-` nothing there; `!` comparison failed. */
function history(lines: readonly string[]): Operation[] {
  const made = new History();
  for (const line of lines) {
    const [client = '', times = '', what = '', result = ''] = line.split(/\s+/);
    const [start, end] = times.split('-').map(Number);
    const operation = made.invoke(Number(client), 'k', parseCall(what), start as number);
    if (result === '?') continue;
    operation.returnedUs = end;
    operation.outcome = parseOutcome(operation.call, result);
  }
  return [...made.operations];
}

function parseCall(text: string): Call {
  const value = text.slice(1);
  if (text === 'r') return { kind: 'read' };
  if (text === 'd') return { kind: 'delete' };
  if (text.startsWith('w')) return { kind: 'put', value };
  const [expect, next = ''] = value.split('>');
  return { kind: 'cas', expect: expect === '-' ? undefined : expect, value: next };
}

function parseOutcome(call: Call, text: string): Outcome {
  const failed = text.startsWith('!');
  if (call.kind !== 'read' && !failed) return { kind: 'written', revision: 0 };
  const value = failed ? text.slice(1) : text;
  return { kind: 'seen', revision: 0, value: value === '-' ? undefined : value, modRevision: 0 };
}

test.each<[string, string[]]>([
  ['nothing happened', []],
  ['a read before any write', ['1 0-1 r -']],
  ['one after the other', ['1 0-1 w5 ok', '1 2-3 r 5', '2 4-5 w6 ok', '1 6-7 r 6']],
  ['a read during a write sees the old value', ['1 0-9 w5 ok', '2 1-2 r -', '2 10-11 r 5']],
  ['a read during a write sees the new value', ['1 0-9 w5 ok', '2 1-2 r 5']],
  ['two writes at once, read in either order', ['1 0-9 w5 ok', '2 0-9 w6 ok', '3 10-11 r 5']],
  ['the other order', ['1 0-9 w5 ok', '2 0-9 w6 ok', '3 10-11 r 6']],
  ['an unknown write took effect', ['1 0-1 w5 ?', '2 2-3 r 5']],
  ['an unknown write had no effect', ['1 0-1 w5 ?', '2 2-3 r -']],
  ['an unknown write takes effect late', ['1 0-1 w5 ?', '2 2-3 r -', '2 4-5 w6 ok', '2 6-7 r 5']],
  ['compare and set that succeeds', ['1 0-1 w5 ok', '2 2-3 c5>6 ok', '1 4-5 r 6']],
  ['compare and set that fails, seeing why', ['1 0-1 w5 ok', '2 2-3 c4>6 !5', '1 4-5 r 5']],
  ['compare with nothing', ['1 0-1 c->5 ok', '1 2-3 r 5']],
  ['deletion', ['1 0-1 w5 ok', '1 2-3 d ok', '1 4-5 r -']],
  ['two comparisons race, one wins', ['1 0-9 c->5 ok', '2 0-9 c->6 !5', '1 10-11 r 5']],
])('legal: %s', (_what, lines) => {
  expect(checkKey(history(lines), budget).kind).toBe('linearizable');
});

test.each<[string, string[]]>([
  ['a read of what nobody wrote', ['1 0-1 r 5']],
  ['a lost write', ['1 0-1 w5 ok', '1 2-3 r -']],
  ['a stale read', ['1 0-1 w5 ok', '1 2-3 w6 ok', '2 4-5 r 5']],
  ['going back in time', ['1 0-9 w5 ok', '2 1-2 r 5', '3 3-4 r -']],
  ['two readers disagree on the order', ['1 0-1 w5 ok', '2 0-1 w6 ok', '3 2-3 r 5', '4 4-5 r 6']],
  ['an unknown write undone', ['1 0-1 w5 ?', '2 2-3 r 5', '2 4-5 r -']],
  ['a comparison that should have failed', ['1 0-1 w5 ok', '2 2-3 c4>6 ok']],
  ['a comparison that should have succeeded', ['1 0-1 w5 ok', '2 2-3 c5>6 !5']],
  ['a comparison that failed on what was not there', ['1 0-1 w5 ok', '2 2-3 c4>6 !7']],
  ['two comparisons that both win', ['1 0-1 w5 ok', '2 2-9 c5>6 ok', '3 2-9 c5>7 ok']],
  ['a deletion that did nothing', ['1 0-1 w5 ok', '1 2-3 d ok', '1 4-5 r 5']],
  ['a value from before a deletion', ['1 0-1 w5 ok', '1 2-3 d ok', '1 4-5 w6 ok', '2 6-7 r 5']],
  ['a write seen before it began', ['1 0-1 r 5', '2 2-3 w5 ok']],
  ['one write, applied twice', ['1 0-1 w5 ok', '2 2-3 w6 ok', '3 4-5 r 6', '3 6-7 r 5']],
  ['a read between two others', ['1 0-1 w5 ok', '2 2-9 w6 ok', '3 3-4 r 6', '4 5-6 r 5']],
])('illegal: %s', (_what, lines) => {
  const verdict = checkKey(history(lines), budget);
  expect(verdict.kind).toBe('not-linearizable');
});

test('what is wrong is shown as the shortest history that already is', () => {
  const verdict = checkKey(history(['1 0-1 w5 ok', '2 2-3 r -', '1 4-5 w6 ok', '1 6-7 r 6']), budget);
  expect(verdict).toEqual({
    kind: 'not-linearizable',
    timeline: '[0, 1] client 1 k: put 5 -> revision 0\n[2, 3] client 2 k: read -> saw nothing of 0 at 0',
  });
});

test('a search that runs out of steps says that it does not know', () => {
  const lines = Array.from({ length: 14 }, (_, i) => `${i} 0-100 w${i} ok`);
  expect(checkKey(history([...lines, '20 101-102 r nobody']), 50).kind).toBe('undecided');
});

/** A history of a perfect register: every operation takes effect at one moment between its call and its return. */
function perfectHistory(dice: Dice): Operation[] {
  const made = new History();
  const count = dice.between(5, 25);
  const moments = Array.from({ length: count }, (_, i) => ({
    at: (i + 1) * 10,
    early: dice.between(0, 30),
    late: dice.between(0, 30),
  }));
  let revision = 0;
  let value: string | undefined;
  let modRevision = 0;
  moments.forEach(({ at, early, late }, i) => {
    const call: Call = dice.chance(0.5) ? { kind: 'read' } : { kind: 'put', value: `v${i}` };
    const operation = made.invoke(i, 'k', call, at - early);
    operation.returnedUs = at + late;
    if (call.kind === 'put') {
      revision++;
      value = call.value;
      modRevision = revision;
      operation.outcome = { kind: 'written', revision };
    } else operation.outcome = { kind: 'seen', revision, value, modRevision };
  });
  return [...made.operations];
}

test('histories of a perfect register pass both checks', () => {
  const dice = new Dice(1, 'histories');
  for (let i = 0; i < 2_000; i++) {
    const operations = perfectHistory(dice);
    expect(faultByRevisions(operations)).toBeUndefined();
    expect(checkKey(operations, budget).kind).toBe('linearizable');
  }
});

test('of histories in which one read was given an older result that can be told apart, 99 in 100 are found', () => {
  const dice = new Dice(2, 'histories');
  let planted = 0;
  let foundByRevision = 0;
  let foundByValue = 0;
  for (let i = 0; i < 10_000; i++) {
    const operations = perfectHistory(dice).map((operation) => ({ ...operation }));
    if (!plantStaleRead(operations)) continue;
    planted++;
    if (faultByRevisions(operations) !== undefined) foundByRevision++;
    if (checkKey(operations, budget).kind === 'not-linearizable') foundByValue++;
  }
  expect(planted).toBeGreaterThan(2_000);
  expect(foundByRevision / planted).toBeGreaterThanOrEqual(0.99);
  expect(foundByValue / planted).toBeGreaterThanOrEqual(0.99);
});

/** Gives a read the result of an earlier one although a write began and ended in between; false when the history has no such place. */
function plantStaleRead(operations: Operation[]): boolean {
  for (const late of operations) {
    if (late.outcome?.kind !== 'seen') continue;
    for (const early of operations) {
      if (early.outcome?.kind !== 'seen') continue;
      const isOutdated = operations.some(
        ({ outcome, call, invokedUs, returnedUs }) =>
          call.kind === 'put' &&
          outcome !== undefined &&
          returnedUs !== undefined &&
          invokedUs > (early.returnedUs ?? 0) &&
          returnedUs < late.invokedUs,
      );
      if (!isOutdated) continue;
      late.outcome = early.outcome;
      return true;
    }
  }
  return false;
}

test.each<[string, (operations: Operation[]) => void, string]>([
  ['two writes with one revision', (operations) => setRevision(operations, 1, 1), 'two writes have one revision'],
  ['a value with another revision', (operations) => setSeen(operations, 'x0', 2), 'sees x0, but revision 2 wrote x1'],
  ['a value nobody wrote', (operations) => setSeen(operations, 'ghost', 3), 'sees ghost, which nobody wrote'],
])('the check by revisions finds %s', (_what, spoil, message) => {
  const made = new History();
  for (let i = 0; i < 2; i++) {
    const operation = made.invoke(1, 'k', { kind: 'put', value: `x${i}` }, i * 10);
    operation.returnedUs = i * 10 + 5;
    operation.outcome = { kind: 'written', revision: i + 1 };
  }
  const read = made.invoke(2, 'k', { kind: 'read' }, 30);
  read.returnedUs = 35;
  read.outcome = { kind: 'seen', revision: 3, value: 'x1', modRevision: 2 };
  const operations = [...made.operations];
  expect(faultByRevisions(operations)).toBeUndefined();
  spoil(operations);
  expect(faultByRevisions(operations)).toContain(message);
});

function setRevision(operations: readonly Operation[], at: number, revision: number): void {
  (operations[at] as Operation).outcome = { kind: 'written', revision };
}

function setSeen(operations: readonly Operation[], value: string, modRevision: number): void {
  (operations[2] as Operation).outcome = { kind: 'seen', revision: 3, value, modRevision };
}
