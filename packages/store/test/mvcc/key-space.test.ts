import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Operation, prefixRange, type TxnRequest } from '../../src/index.ts';
import { KeySpace } from '../../src/mvcc/key-space.ts';
import { PastView } from '../../src/mvcc/past-view.ts';
import type { Transaction } from '../../src/mvcc/transaction.ts';
import { checkTxn } from '../../src/request-validation.ts';

const names = ['a', 'b', 'c', 'd'];
const name = fc.constantFrom(...names);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: name, value: fc.uint8Array({ maxLength: 3 }) }),
  fc.record({ kind: fc.constant('delete' as const), from: name }),
  fc.record({ kind: fc.constant('delete' as const), from: name, to: name }),
);
const request: fc.Arbitrary<TxnRequest> = fc.record({
  compare: fc.array(
    fc.record({
      key: name,
      target: fc.constant('version' as const),
      is: fc.constantFrom('=' as const, '<' as const, '>' as const, '!=' as const),
      version: fc.nat(3),
    }),
    { maxLength: 2 },
  ),
  success: fc.array(operation, { maxLength: 4 }),
  failure: fc.array(operation, { maxLength: 2 }),
});

test('every past state can be told from the present and what happened since', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
      const space = new KeySpace();
      const transactions: Transaction[] = [];
      const pictures = new Map([[space.revision as number, picture(space)]]);
      for (const each of requests.filter(legal)) {
        const { transaction } = space.apply(each, 0);
        if (transaction !== undefined) transactions.push(transaction);
        pictures.set(space.revision, picture(space));
      }
      for (const [at, expected] of pictures) {
        const view = new PastView(prefixRange(''));
        view.add(transactions.filter((transaction) => transaction.revision > at));
        expect(view.over(space.present)).toEqual(expected);
      }
    }),
  );
});

test('the state hash depends on what is there, not on how it came to be', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
      const space = new KeySpace();
      for (const each of requests.filter(legal)) space.apply(each, 0);
      const copy = new KeySpace();
      const kvs = picture(space).toReversed();
      const { revision, compactRevision, wallMs, createdMs, stateHash } = space;
      copy.restore({ revision, compactRevision, wallMs, createdMs, kvs });
      expect(copy.stateHash).toBe(stateHash);
      if (kvs.length === 0) return;
      copy.restore({ revision, compactRevision, wallMs, createdMs, kvs: kvs.slice(1) });
      expect(copy.stateHash).not.toBe(stateHash);
    }),
  );
});

test('time never goes back along the history, whatever the clocks of the proposers say', () => {
  const space = new KeySpace();
  const put = { compare: [], success: [{ kind: 'put', key: 'a', value: new Uint8Array(0) } as const] };
  const walls = [1000, 5000, 2000, 6000].map((wallMs) => space.apply(put, wallMs).transaction?.wallMs);
  expect(walls).toEqual([1000, 5000, 5000, 6000]);
});

function picture(space: KeySpace): ReturnType<typeof space.present.slice> {
  return space.present.slice(prefixRange(''), Number.POSITIVE_INFINITY);
}

function legal(each: TxnRequest): boolean {
  try {
    checkTxn(each);
    return true;
  } catch {
    return false;
  }
}
