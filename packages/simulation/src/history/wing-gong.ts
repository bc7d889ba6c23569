import { type Call, historyUntil, type Operation, type Outcome, operationText } from './history.ts';

export type Verdict =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'not-linearizable'; readonly timeline: string }
  /** The budget ran out: a test must count this as a failure. */
  | { readonly kind: 'undecided' };

interface Entry {
  readonly operation: Operation;
  readonly bit: number;
  readonly isReturn: boolean;
  match: Entry | undefined;
  previous: Entry | undefined;
  next: Entry | undefined;
}

type State = string | undefined;

/**
 * Whether the operations on **one key** have some order that respects real time and in which every result is right, looking at values only (Wing and
 * Gong's search with Lowe's memory). Exponential at worst, so the number of steps is bounded. Operations without an outcome may take effect at any
 * time after their call, or never.
 */
export function checkKey(operations: readonly Operation[], maxSteps: number): Verdict {
  const verdict = search(operations, maxSteps);
  if (verdict !== 'no') return verdict === 'yes' ? { kind: 'linearizable' } : { kind: 'undecided' };
  return { kind: 'not-linearizable', timeline: shortestFault(operations, maxSteps).map(operationText).join('\n') };
}

/** The shortest prefix, by return time, that is already wrong. */
function shortestFault(operations: readonly Operation[], maxSteps: number): readonly Operation[] {
  const ends = operations.flatMap(({ returnedUs }) => (returnedUs === undefined ? [] : [returnedUs]));
  for (const end of ends.sort((a, b) => a - b)) {
    const prefix = historyUntil(operations, end);
    if (search(prefix, maxSteps) === 'no') return prefix;
  }
  return operations;
}

function search(operations: readonly Operation[], maxSteps: number): 'yes' | 'no' | 'undecided' {
  const relevant = operations.filter(({ call, outcome }) => outcome !== undefined || call.kind !== 'read');
  const head = entryList(relevant);
  const pending = relevant.filter(({ outcome }) => outcome !== undefined).length;
  const done = new Uint32Array(Math.ceil((relevant.length + 1) / 32));
  const seen = new Set<string>();
  const stack: { readonly entry: Entry; readonly state: State }[] = [];
  let state: State;
  let certain = 0;
  let entry = head.next;
  for (let steps = 0; certain < pending; steps++) {
    if (steps > maxSteps) return 'undecided';
    if (entry !== undefined && !entry.isReturn) {
      const after = apply(entry.operation.call, entry.operation.outcome, state);
      if (after.ok) {
        flip(done, entry.bit);
        const memory = `${done.join(',')}|${after.state ?? '\u0000'}`;
        if (!seen.has(memory)) {
          seen.add(memory);
          stack.push({ entry, state });
          state = after.state;
          if (entry.operation.outcome !== undefined) certain++;
          lift(entry);
          entry = head.next;
          continue;
        }
        flip(done, entry.bit);
      }
      entry = entry.next;
      continue;
    }
    // A return whose call is not placed yet: what was placed before it was wrong.
    const last = stack.pop();
    if (last === undefined) return 'no';
    state = last.state;
    flip(done, last.entry.bit);
    if (last.entry.operation.outcome !== undefined) certain--;
    unlift(last.entry);
    entry = last.entry.next;
  }
  return 'yes';
}

function apply(
  call: Call,
  outcome: Outcome | undefined,
  state: State,
): { readonly ok: boolean; readonly state: State } {
  if (outcome?.kind === 'seen') {
    const asCas = call.kind === 'cas' && state === call.expect;
    return { ok: outcome.value === state && !asCas, state };
  }
  switch (call.kind) {
    case 'read':
      return { ok: true, state };
    case 'put':
      return { ok: true, state: call.value };
    case 'delete':
      return { ok: true, state: undefined };
    case 'cas':
      if (state === call.expect) return { ok: true, state: call.value };
      // Without an outcome it may have failed its comparison; when it is known to have written, it cannot.
      return { ok: outcome === undefined, state };
  }
}

/** Calls and returns in order of time, as a doubly linked list behind a head. Open operations have no return. */
function entryList(operations: readonly Operation[]): Entry {
  const moments: { readonly atUs: number; readonly entry: Entry }[] = [];
  operations.forEach((operation, bit) => {
    const call: Entry = { operation, bit, isReturn: false, match: undefined, previous: undefined, next: undefined };
    moments.push({ atUs: operation.invokedUs, entry: call });
    if (operation.returnedUs === undefined || operation.outcome === undefined) return;
    const back: Entry = { operation, bit, isReturn: true, match: undefined, previous: undefined, next: undefined };
    call.match = back;
    moments.push({ atUs: operation.returnedUs, entry: back });
  });
  moments.sort((a, b) => a.atUs - b.atUs || Number(a.entry.isReturn) - Number(b.entry.isReturn));
  const first = operations[0];
  const head = { operation: first, bit: -1, isReturn: false } as Entry;
  let previous = head;
  for (const { entry } of moments) {
    previous.next = entry;
    entry.previous = previous;
    previous = entry;
  }
  return head;
}

function lift(entry: Entry): void {
  for (const item of [entry, entry.match]) {
    if (item?.previous !== undefined) item.previous.next = item.next;
    if (item?.next !== undefined) item.next.previous = item.previous;
  }
}

function unlift(entry: Entry): void {
  for (const item of [entry.match, entry]) {
    if (item?.previous !== undefined) item.previous.next = item;
    if (item?.next !== undefined) item.next.previous = item;
  }
}

function flip(bits: Uint32Array, bit: number): void {
  bits[bit >> 5] = ((bits[bit >> 5] as number) ^ (1 << (bit & 31))) >>> 0;
}
