import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Entry,
  emptyConfiguration,
  entryKinds,
  foundingBase,
  frameEntry,
  LogSummarizer,
  logIndex,
  noOrigin,
  term,
} from '../src/index.ts';
import { PersistQueue } from '../src/log/persist-queue.ts';
import { RaftLog } from '../src/log/raft-log.ts';
import './harness/property-seed.ts';
import { testChecksum } from './harness/scenario-member.ts';

function entry(at: number, inTerm: number): Entry {
  const place = { index: logIndex(at), term: term(inTerm), kind: entryKinds.command };
  return frameEntry(place, noOrigin, new Uint8Array(at % 5), testChecksum);
}

type LogAction = { kind: 'append'; rise: number } | { kind: 'truncate' | 'compact' | 'evict'; share: number };

const logActions: fc.Arbitrary<LogAction[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), rise: fc.nat({ max: 2 }) }) },
    fc.record({
      kind: fc.constantFrom('truncate' as const, 'compact' as const, 'evict' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  ),
  { maxLength: 60 },
);

test('whatever is appended, truncated, compacted and evicted, the log knows the term of every index', () => {
  fc.assert(
    fc.property(logActions, (actions) => {
      const base = foundingBase(emptyConfiguration);
      const log = new RaftLog(base, new LogSummarizer(base).summary(), logIndex(0));
      let terms: number[] = [];
      let current = 1;
      let start = 0;
      for (const action of actions) {
        if (action.kind === 'append') {
          current += action.rise;
          terms.push(current);
          log.append(entry(terms.length, current));
        } else {
          const at = start + Math.floor((terms.length - start) * action.share);
          if (action.kind === 'truncate' && at < terms.length) {
            log.truncateFrom(logIndex(at + 1));
            terms = terms.slice(0, at);
            current++;
          } else if (action.kind === 'compact' && at > start) {
            log.compact(logIndex(at));
            start = at;
          } else log.cache.evict(logIndex(at), 0);
        }
        expect(log.lastIndex).toBe(terms.length);
        for (let index = start + 1; index <= terms.length + 1; index++) {
          expect(log.termAt(logIndex(index))).toBe(terms[index - 1]);
        }
        if (start > 0) expect(log.termAt(logIndex(start - 1))).toBeUndefined();
      }
    }),
  );
});

test('the hint for a rejected append is the highest index with a term that is not higher', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 2 }), { maxLength: 20 }),
      fc.nat({ max: 22 }),
      fc.nat({ max: 30 }),
      (rises, at, limit) => {
        const base = foundingBase(emptyConfiguration);
        const log = new RaftLog(base, new LogSummarizer(base).summary(), logIndex(0));
        const terms: number[] = [0];
        for (const rise of rises) {
          terms.push(Math.max(1, (terms.at(-1) as number) + rise));
          log.append(entry(terms.length - 1, terms.at(-1) as number));
        }
        let wanted = Math.min(at, terms.length - 1);
        while (wanted > 0 && (terms[wanted] as number) > limit) wanted--;
        expect(log.lastAtOrBelow(logIndex(at), term(limit))).toBe(at === 0 ? 0 : wanted);
      },
    ),
  );
});

type DiskAction =
  | { kind: 'order'; grow: number }
  | { kind: 'truncate'; back: number }
  | { kind: 'complete'; count: number };

const diskActions: fc.Arbitrary<DiskAction[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('order' as const), grow: fc.nat({ max: 3 }) }),
    fc.record({ kind: fc.constant('truncate' as const), back: fc.nat({ max: 4 }) }),
    fc.record({ kind: fc.constant('complete' as const), count: fc.nat({ max: 3 }) }),
  ),
  { maxLength: 80 },
);

test('rule 24: an index is durable when the write that last touched it is finished', () => {
  fc.assert(
    fc.property(diskActions, (actions) => {
      const queue = new PersistQueue(logIndex(0));
      /** Per index, the sequence of the write that put the present entry there. */
      let writers: number[] = [];
      let done = 0;
      let truncated = false;
      for (const action of actions) {
        if (action.kind === 'truncate') {
          const keep = Math.max(0, writers.length - action.back);
          if (keep < writers.length) queue.truncateFrom(logIndex(keep + 1));
          writers = writers.slice(0, keep);
          truncated = true;
        } else if (action.kind === 'order' || truncated) {
          // A truncation goes to the disk with the next write.
          const grow = action.kind === 'order' ? action.grow : 0;
          const seq = queue.nextSeq;
          for (let i = 0; i < grow; i++) writers.push(seq);
          queue.order(logIndex(writers.length));
          truncated = false;
        } else {
          done = Math.min(queue.nextSeq - 1, done + action.count);
          queue.complete(done);
        }
        const firstOpen = writers.findIndex((seq) => seq > done);
        const wanted = firstOpen < 0 ? writers.length : firstOpen;
        expect(queue.durableIndex).toBe(wanted);
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['a gap', [entry(1, 1), entry(3, 1)], 'entry 3 follows entry 1'],
  ['a falling term', [entry(1, 3), entry(2, 2)], 'entry 2 has term 2, the one before has 3'],
])('rule 56: a stored log with %s is found out', (_what, entries, fault) => {
  const summarizer = new LogSummarizer(foundingBase(emptyConfiguration));
  const faults = entries.map((item) => summarizer.add(item));
  expect(faults).toEqual([undefined, fault]);
  expect(summarizer.summary().lastIndex).toBe(1);
});
