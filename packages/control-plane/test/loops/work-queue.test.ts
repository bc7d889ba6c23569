import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBackoff } from '../../src/loops/retry-backoff.ts';
import { WorkQueue } from '../../src/loops/work-queue.ts';
import { ManualWorld } from './manual-world.ts';

function queueIn(world: ManualWorld): WorkQueue {
  return new WorkQueue(world, () => undefined);
}

test('a key that is added twice is handed out once, keys in the order of their arrival', () => {
  const queue = queueIn(new ManualWorld());
  for (const key of ['a', 'b', 'a']) queue.add(key);
  expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', undefined]);
});

test('a key added while it is worked on is handed out again, but not before that work is done', () => {
  const queue = queueIn(new ManualWorld());
  queue.add('a');
  queue.take();
  queue.add('a');
  expect(queue.take()).toBeUndefined();
  queue.done('a');
  expect(queue.take()).toBe('a');
});

test('a delayed key comes when its time has come, the shortest of several delays counting', async () => {
  const world = new ManualWorld();
  const queue = queueIn(world);
  queue.addAfter('a', 1_000);
  queue.addAfter('a', 300);
  queue.addAfter('a', 5_000);
  await world.pass(299);
  expect(queue.take()).toBeUndefined();
  await world.pass(1);
  expect(queue.take()).toBe('a');
  expect(world.waiting).toBe(0);
});

test('a disposed queue holds neither keys nor timers', () => {
  const world = new ManualWorld();
  const queue = queueIn(world);
  queue.add('a');
  queue.addAfter('b', 1_000);
  queue[Symbol.dispose]();
  expect(queue.take()).toBeUndefined();
  expect(world.waiting).toBe(0);
});

test('whatever the order of adding, taking and finishing, no addition is lost and no key is in work twice', () => {
  const moves = fc.array(fc.record({ move: fc.constantFrom('add', 'take', 'done'), key: fc.nat({ max: 3 }) }));
  fc.assert(
    fc.property(moves, (sequence) => {
      const queue = queueIn(new ManualWorld());
      const inWork = new Set<string>();
      /** Keys added since they were last taken. */
      const owed = new Set<string>();
      const take = (): boolean => {
        const key = queue.take();
        if (key === undefined) return false;
        expect(inWork.has(key)).toBe(false);
        inWork.add(key);
        owed.delete(key);
        return true;
      };
      for (const { move, key } of sequence.map((step) => ({ ...step, key: String(step.key) }))) {
        if (move === 'add') {
          queue.add(key);
          owed.add(key);
        } else if (move === 'take') {
          take();
        } else if (inWork.delete(key)) {
          queue.done(key);
        }
      }
      for (const key of inWork) queue.done(key);
      inWork.clear();
      while (take()) inWork.clear();
      expect([...owed]).toEqual([]);
    }),
  );
});

test('delays double from 5 ms to a minute and begin anew after a success', () => {
  const backoff = new RetryBackoff();
  const delays = Array.from({ length: 16 }, () => backoff.nextDelayMs('a'));
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(delays.at(-1)).toBe(60_000);
  expect(backoff.nextDelayMs('a', 1_000)).toBe(1_000);
  expect(backoff.nextDelayMs('b')).toBe(5);
  backoff.forget('a');
  expect(backoff.nextDelayMs('a')).toBe(5);
});
