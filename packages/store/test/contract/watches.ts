import { expect } from 'vitest';
import { prefixRange, revision } from '../../src/index.ts';
import { type ContractCase, Recorder } from './subject.ts';

export const watches: readonly ContractCase[] = [
  {
    title: 'a watch tells puts and deletions with what was there before, once and in order',
    async run(place) {
      using watch = place.watch();
      await place.put('a', '1');
      await place.put('a', '2');
      await place.delete('a');
      await place.put('a', '3');
      expect((await watch.count(4)).told).toEqual(['a=1', 'a=2 (was 1)', '-a (was 2)', 'a=3']);
      expect(watch.revisions).toEqual(watch.revisions.toSorted((a, b) => a - b));
    },
  },
  {
    title: 'a watch from an old revision tells what happened since, then goes on live',
    async run(place) {
      await place.put('a', 'before');
      const start = await place.put('a', '0');
      for (let i = 1; i <= 20; i++) await place.put('a', String(i));
      using watch = place.watch({ startRevision: start });
      const writes = Array.from({ length: 20 }, (_, i) => place.put('b', String(i)));
      await Promise.all(writes);
      await watch.count(41);
      expect(watch.told.slice(0, 3)).toEqual(['a=0 (was before)', 'a=1 (was 0)', 'a=2 (was 1)']);
      expect(watch.told).toHaveLength(41);
      expect(new Set(watch.revisions).size).toBe(41);
      expect(watch.revisions).toEqual(watch.revisions.toSorted((a, b) => a - b));
    },
  },
  {
    title: 'a watch without a start tells only what comes after it was opened',
    async run(place) {
      await place.put('a', '1');
      using watch = place.watch();
      await place.put('a', '2');
      expect((await watch.count(1)).told).toEqual(['a=2 (was 1)']);
    },
  },
  {
    title: 'a watch from a revision of the future waits for it',
    async run(place) {
      const last = await place.put('a', '1');
      using watch = place.watch({ startRevision: revision(last + 2) });
      await place.put('a', '2');
      await place.put('a', '3');
      expect((await watch.count(1)).told).toEqual(['a=3 (was 2)']);
    },
  },
  {
    title: 'a transaction reaches a watch whole, restricted to its range',
    async run(place) {
      const inside: string[][] = [];
      using _watch = place.store.watch(prefixRange(place.key('in/')), {
        events: (events) => {
          inside.push(events.map((event) => (event.kind === 'put' ? event.kv.key : event.key)));
          return true;
        },
        end: () => undefined,
      });
      using all = place.watch();
      await place.txn(place.putting('in/1', 'x'), place.putting('in/2', 'x'), place.putting('out/1', 'x'));
      await place.put('out/2', 'x');
      await place.txn(place.putting('in/3', 'x'), { kind: 'delete', from: place.key('in/1') });
      await all.count(6);
      expect(inside).toEqual([
        [place.key('in/1'), place.key('in/2')],
        [place.key('in/3'), place.key('in/1')],
      ]);
    },
  },
  {
    title: 'a watch of one key hears of that key alone',
    async run(place) {
      using watch = new Recorder(place.store, { from: place.key('a') }, place.prefix.length);
      await place.put('a', '1');
      await place.put('a/b', '2');
      await place.put('aa', '3');
      await place.put('a', '4');
      expect((await watch.count(2)).told).toEqual(['a=1', 'a=4 (was 1)']);
    },
  },
  {
    title: 'a watch on another server hears the same',
    async run(place) {
      const start = await place.put('a', '1');
      using watch = place.watch({ startRevision: start }, place.other);
      await place.put('b', '2');
      expect((await watch.count(2)).told).toEqual(['a=1', 'b=2']);
    },
  },
  {
    title: 'a receiver that is full loses its watch and nobody else notices',
    async run(place) {
      let room = 2;
      using full = new Recorder(place.store, prefixRange(place.prefix), place.prefix.length, () => room-- > 0);
      using watch = place.watch();
      for (let i = 0; i < 5; i++) await place.put('a', String(i));
      await full.until((recorder) => recorder.ended !== undefined);
      expect(full.ended).toEqual({ kind: 'slow' });
      expect(full.told).toEqual(['a=0', 'a=1 (was 0)']);
      expect((await watch.count(5)).ended).toBeUndefined();
    },
  },
  {
    title: 'a watch that was given up is silent',
    async run(place) {
      const quiet = place.watch();
      using watch = place.watch();
      quiet[Symbol.dispose]();
      await place.put('a', '1');
      await watch.count(1);
      expect(quiet.told).toEqual([]);
      expect(quiet.ended).toBeUndefined();
    },
  },
  {
    title: 'a bookmark says up to where everything was told, also for changes elsewhere',
    async run(place) {
      using watch = place.watch({ ...prefixRange(place.key('in/')), bookmarkIntervalMs: 100 });
      await place.put('in/a', '1');
      const elsewhere = await place.put('out/b', '2');
      await watch.until((recorder) => recorder.bookmarks.some((at) => at >= elsewhere));
      expect(watch.told).toHaveLength(1);
    },
  },
];
