import { expect } from 'vitest';
import { requestLimits, revision, type TxnRequest } from '../../src/index.ts';
import { bytes, type ContractCase, type Place, refused, text } from './subject.ts';

export const transactions: readonly ContractCase[] = [
  {
    title: 'all changes of a transaction share one revision',
    async run(place) {
      const { revision: at } = await place.txn(place.putting('a', '1'), place.putting('b', '1'));
      expect(await place.get('a')).toMatchObject({ modRevision: at });
      expect(await place.get('b')).toMatchObject({ modRevision: at });
      expect(await place.put('a', '2')).toBeGreaterThan(at);
    },
  },
  {
    title: 'a put answers what was there before, a deletion what it removed',
    async run(place) {
      await place.txn(place.putting('a', '1'), place.putting('b', '2'));
      const put = await place.txn(place.putting('a', '3'));
      expect(put.responses.map(shown)).toEqual(['put 1']);
      const deleted = await place.txn({ kind: 'delete', from: place.key(''), to: place.key('~') });
      expect(deleted.responses.map(shown)).toEqual(['delete 3,2']);
      expect((await place.txn(place.putting('a', '4'))).responses.map(shown)).toEqual(['put nothing']);
    },
  },
  {
    title: 'a deletion of nothing and a transaction of reads change no revision',
    async run(place) {
      const last = await place.put('a', '1');
      const nothing = await place.txn({ kind: 'delete', from: place.key('no such key') });
      expect(nothing).toMatchObject({ revision: last, responses: [{ kind: 'delete', previous: [] }] });
      const read = await place.txn({ kind: 'range', from: place.key('a') });
      expect(read).toMatchObject({ revision: last, succeeded: true });
      expect(read.responses.map(shown)).toEqual(['range 1']);
      expect((await place.txn()).revision).toBe(last);
    },
  },
  {
    title: 'a read inside a transaction sees what the transaction did before it',
    async run(place) {
      await place.txn(place.putting('a', '1'), place.putting('b', '1'));
      const answer = await place.txn(
        place.putting('a', '2'),
        { kind: 'delete', from: place.key('b') },
        { kind: 'range', from: place.key(''), to: place.key('~') },
      );
      expect(answer.responses.map(shown).at(-1)).toBe('range 2');
    },
  },
  {
    title: 'comparisons choose the branch',
    async run(place) {
      const created = await place.put('a', '1');
      const changed = await place.put('a', '2');
      const key = place.key('a');
      const holding: TxnRequest['compare'] = [
        { key, target: 'mod', is: '=', revision: changed },
        { key, target: 'mod', is: '!=', revision: created },
        { key, target: 'create', is: '<', revision: changed },
        { key, target: 'mod', is: '>', revision: created },
        { key, target: 'version', is: '=', version: 2 },
        { key: place.key('none'), target: 'create', is: '=', revision: revision(0) },
        { key: place.key('none'), target: 'version', is: '=', version: 0 },
      ];
      expect(await branch(place, holding)).toBe('success');
      for (const compare of [
        { key, target: 'mod', is: '=', revision: created } as const,
        { key, target: 'version', is: '>', version: 2 } as const,
        { key: place.key('none'), target: 'mod', is: '>', revision: revision(0) } as const,
      ]) {
        expect(await branch(place, [...holding, compare])).toBe('failure');
      }
    },
  },
  {
    title: 'a refused comparison without a failure branch changes nothing',
    async run(place) {
      const last = await place.put('a', '1');
      const answer = await place.store.txn({
        compare: [{ key: place.key('a'), target: 'version', is: '=', version: 7 }],
        success: [place.putting('a', '2')],
      });
      expect(answer).toEqual({ succeeded: false, revision: last, responses: [] });
      expect(await place.all()).toEqual(['a=1']);
    },
  },
  {
    title: 'of many writers who expect the same version one wins',
    async run(place) {
      await place.put('a', '0');
      const attempts = Array.from({ length: 16 }, (_, writer) =>
        (writer % 2 === 0 ? place.store : place.other).txn({
          compare: [{ key: place.key('a'), target: 'version', is: '=', version: 1 }],
          success: [place.putting('a', `writer ${writer}`)],
          failure: [{ kind: 'range', from: place.key('a') }],
        }),
      );
      const answers = await Promise.all(attempts);
      expect(answers.filter((answer) => answer.succeeded)).toHaveLength(1);
      const losers = answers.filter((answer) => !answer.succeeded);
      const seen = new Set(losers.flatMap((answer) => answer.responses.map(shown)));
      expect([...seen]).toEqual([`range ${text((await place.get('a'))?.value ?? bytes(''))}`]);
    },
  },
  {
    title: 'a key may be changed once per transaction',
    async run(place) {
      await refused('invalid', place.txn(place.putting('a', '1'), place.putting('a', '2')));
      const range = { kind: 'delete', from: place.key(''), to: place.key('~') } as const;
      await refused('invalid', place.txn(place.putting('a', '1'), range));
      await place.txn(range, { kind: 'delete', from: place.key('a') });
      expect(await place.all()).toEqual([]);
    },
  },
  {
    title: 'what is too large is refused and changes nothing',
    async run(place) {
      const value = new Uint8Array(requestLimits.txnBytes + 1);
      await refused('too-large', place.txn({ kind: 'put', key: place.key('a'), value }));
      const many = Array.from({ length: requestLimits.operations + 1 }, (_, i) => place.putting(`k${i}`, ''));
      await refused('too-large', place.txn(...many));
      expect(await place.all()).toEqual([]);
    },
  },
  {
    title: 'values keep every byte, also none at all',
    async run(place) {
      const value = Uint8Array.from({ length: 256 }, (_, i) => i);
      await place.txn({ kind: 'put', key: place.key('a'), value }, place.putting('b', ''));
      expect((await place.get('a'))?.value).toEqual(value);
      expect((await place.get('b'))?.value).toEqual(new Uint8Array(0));
    },
  },
];

async function branch(place: Place, compare: TxnRequest['compare']): Promise<string> {
  const answer = await place.store.txn({ compare, success: [] });
  return answer.succeeded ? 'success' : 'failure';
}

function shown(response: Awaited<ReturnType<Place['txn']>>['responses'][number]): string {
  if (response.kind === 'put')
    return `put ${response.previous === undefined ? 'nothing' : text(response.previous.value)}`;
  const kvs = response.kind === 'range' ? response.kvs : response.previous;
  return `${response.kind} ${kvs.map((kv) => text(kv.value)).join(',')}`;
}
