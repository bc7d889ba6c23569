import { expect } from 'vitest';
import { prefixRange, type Revision } from '../../src/index.ts';
import { bytes, type ContractCase, refused } from './subject.ts';

const linearizable = { kind: 'linearizable' } as const;

export const reads: readonly ContractCase[] = [
  {
    title: 'a key is read with its revisions and version',
    async run(place) {
      const created = await place.put('a', '1');
      const changed = await place.put('a', '2');
      expect(await place.get('a')).toEqual({
        key: place.key('a'),
        value: bytes('2'),
        createRevision: created,
        modRevision: changed,
        version: 2,
      });
    },
  },
  {
    title: 'a key created again after its deletion begins a new life',
    async run(place) {
      await place.put('a', '1');
      await place.put('a', '2');
      await place.delete('a');
      const created = await place.put('a', '3');
      expect(await place.get('a')).toMatchObject({ createRevision: created, modRevision: created, version: 1 });
    },
  },
  {
    title: 'a range is ascending by bytes and excludes its end',
    async run(place) {
      for (const name of ['b', 'a/1', 'a', 'c', 'a0', 'B']) await place.put(name, name);
      expect(await place.all()).toEqual(['B=B', 'a=a', 'a/1=a/1', 'a0=a0', 'b=b', 'c=c']);
      const answer = await place.store.range({ from: place.key('a'), to: place.key('b'), consistency: linearizable });
      expect(answer.kvs.map((kv) => place.show(kv))).toEqual(['a=a', 'a/1=a/1', 'a0=a0']);
      const empty = await place.store.range({ from: place.key('b'), to: place.key('a'), consistency: linearizable });
      expect(empty.kvs).toEqual([]);
    },
  },
  {
    title: 'a limited range says how many there are and whether more follow',
    async run(place) {
      for (const name of ['a', 'b', 'c']) await place.put(name, name);
      const range = { ...prefixRange(place.prefix), consistency: linearizable };
      expect(await place.store.range({ ...range, limit: 2 })).toMatchObject({ count: 3, more: true });
      expect(await place.store.range({ ...range, limit: 3 })).toMatchObject({ count: 3, more: false });
      expect(await place.store.range({ ...range, limit: 0 })).toMatchObject({ count: 3, more: false });
      const first = await place.store.range({ ...range, limit: 2 });
      expect(first.kvs.map((kv) => place.show(kv))).toEqual(['a=a', 'b=b']);
    },
  },
  {
    title: 'a range can be asked for its keys or their number alone',
    async run(place) {
      const last = await place.put('a', 'long value');
      const range = { ...prefixRange(place.prefix), consistency: linearizable };
      expect(await place.store.range({ ...range, keysOnly: true })).toMatchObject({
        kvs: [{ key: place.key('a'), value: new Uint8Array(0), modRevision: last, version: 1 }],
        count: 1,
      });
      expect(await place.store.range({ ...range, countOnly: true })).toMatchObject({ kvs: [], count: 1, more: false });
    },
  },
  {
    title: 'a range at an old revision shows the state of that moment',
    async run(place) {
      await place.put('a', '1');
      const both = await place.put('b', '1');
      await place.put('a', '2');
      await place.delete('b');
      const later = await place.put('c', '1');
      expect(await place.all(both)).toEqual(['a=1', 'b=1']);
      expect(await place.all(later)).toEqual(['a=2', 'c=1']);
      const page = await place.store.range({
        ...prefixRange(place.prefix),
        revision: both,
        limit: 1,
        consistency: linearizable,
      });
      expect(page).toMatchObject({ count: 2, more: true });
      expect(page.kvs.map((kv) => place.show(kv))).toEqual(['a=1']);
    },
  },
  {
    title: 'a revision of the future is refused',
    async run(place) {
      const last = await place.put('a', '1');
      await refused('future-revision', place.all((last + 1000) as Revision));
    },
  },
  {
    title: 'a linearizable read on any server sees what was acknowledged before',
    async run(place) {
      for (let round = 0; round < 10; round++) {
        await place.put('a', String(round));
        expect(await place.all(undefined, place.other)).toEqual([`a=${round}`]);
      }
    },
  },
  {
    title: 'a read of at least a revision waits for it',
    async run(place) {
      const last = await place.put('a', '1');
      const answer = await place.other.range({
        from: place.key('a'),
        consistency: { kind: 'atLeast', revision: last },
      });
      expect(answer.revision).toBeGreaterThanOrEqual(last);
      expect(answer.kvs.map((kv) => place.show(kv))).toEqual(['a=1']);
      const next = place.other.range({
        from: place.key('a'),
        consistency: { kind: 'atLeast', revision: (last + 1) as Revision },
      });
      await place.put('a', '2');
      expect((await next).kvs.map((kv) => place.show(kv))).toEqual(['a=2']);
    },
  },
  {
    title: 'keys and ranges outside the contract are refused',
    async run(place) {
      await refused('invalid', place.store.range({ from: '', consistency: linearizable }));
      await refused('invalid', place.store.range({ from: 'ä', consistency: linearizable }));
      await refused('invalid', place.store.range({ from: 'a', limit: -1, consistency: linearizable }));
      await refused('invalid', place.store.range({ from: 'k'.repeat(1025), consistency: linearizable }));
    },
  },
];
