import { expect } from 'vitest';
import { prefixRange, revision } from '../../src/index.ts';
import { type ContractCase, refused } from './subject.ts';

const farFuture = 10_000;

export const history: readonly ContractCase[] = [
  {
    title: 'compaction forgets what is older, not what is present',
    async run(place) {
      const old = await place.put('a', '1');
      const kept = await place.put('a', '2');
      await place.put('a', '3');
      await place.put('b', '1');
      await place.store.compact(kept);
      await refused('compacted', place.all(old));
      expect(await place.all(kept)).toEqual(['a=2']);
      expect(await place.all()).toEqual(['a=3', 'b=1']);
    },
  },
  {
    title: 'compaction is refused for what is forgotten already and for the future',
    async run(place) {
      const first = await place.put('a', '1');
      const second = await place.put('a', '2');
      await place.store.compact(second);
      await refused('compacted', place.store.compact(second));
      await refused('compacted', place.store.compact(first));
      await refused('future-revision', place.store.compact(revision(second + farFuture)));
    },
  },
  {
    title: 'a watch from before the kept history ends and says where history begins',
    async run(place) {
      const old = await place.put('a', '1');
      await place.put('a', '2');
      const kept = await place.put('a', '3');
      await place.store.compact(kept);
      using watch = place.watch({ startRevision: old });
      await watch.until((recorder) => recorder.ended !== undefined);
      expect(watch.ended).toEqual({ kind: 'compacted', compactRevision: kept });
      expect(watch.told).toEqual([]);
    },
  },
  {
    title: 'a watch may begin where the kept history begins',
    async run(place) {
      await place.put('a', '1');
      const kept = await place.put('a', '2');
      await place.put('a', '3');
      await place.store.compact(kept);
      using watch = place.watch({ startRevision: revision(kept + 1) });
      await watch.count(1);
      expect(watch.told).toEqual(['a=3 (was 2)']);
    },
  },
  {
    title: 'a live watch does not feel a compaction',
    async run(place) {
      using watch = place.watch();
      await place.put('a', '1');
      await place.store.compact(await place.put('a', '2'));
      await place.put('a', '3');
      expect((await watch.count(3)).told).toEqual(['a=1', 'a=2 (was 1)', 'a=3 (was 2)']);
      expect(watch.ended).toBeUndefined();
    },
  },
  {
    title: 'pages of a list stay in one revision while the keys change',
    async run(place) {
      for (const name of ['a', 'b', 'c', 'd']) await place.put(name, '1');
      const range = { ...prefixRange(place.prefix), limit: 2, consistency: { kind: 'linearizable' } as const };
      const first = await place.store.range(range);
      await place.txn(place.putting('c', '2'), { kind: 'delete', from: place.key('d') }, place.putting('e', '1'));
      const rest = await place.store.range({ ...range, from: `${place.key('b')}\u0001`, revision: first.revision });
      expect([...first.kvs, ...rest.kvs].map((kv) => place.show(kv))).toEqual(['a=1', 'b=1', 'c=1', 'd=1']);
    },
  },
  {
    title: 'a moment of the past is found again by its wall time',
    async run(place) {
      const first = await place.put('a', '1');
      const beforeMs = Date.now();
      await nextMillisecond(beforeMs);
      const second = await place.put('a', '2');
      expect(await place.store.revisionAt(beforeMs)).toBe(first);
      expect(await place.store.revisionAt(Date.now() + 1000)).toBe(second);
      expect(await place.store.revisionAt(1000)).toBeUndefined();
    },
  },
];

/** The clock is data here: two writes must differ in it, however fast they are. */
async function nextMillisecond(afterMs: number): Promise<void> {
  while (Date.now() <= afterMs) await new Promise((resolve) => setImmediate(resolve));
}
