import { expect, test } from 'vitest';
import { allOrAbort } from '../src/dev/all-or-abort.ts';
import { inLimitedParallel } from '../src/dev/limited-parallel.ts';

test('when one part fails the others hear of it, are waited for, and the first failure is thrown', async () => {
  const ended: string[] = [];
  const working = allOrAbort((signal) => [
    Promise.reject(new Error('first')),
    new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => {
        ended.push('second');
        reject(new Error('second'));
      });
    }),
    Promise.resolve().then(() => ended.push('third')),
  ]);
  await expect(working).rejects.toThrow('first');
  expect(ended.toSorted()).toEqual(['second', 'third']);
});

test('nothing is thrown when nothing fails', async () => {
  await expect(allOrAbort(() => [Promise.resolve(1), Promise.resolve(2)])).resolves.toBeUndefined();
});

test('no more than the limit work at once, all are worked on, and a failure is thrown at the end', async () => {
  let working = 0;
  let most = 0;
  const done: number[] = [];
  const run = inLimitedParallel(2, [1, 2, 3, 4, 5], async (item) => {
    most = Math.max(most, ++working);
    await Promise.resolve();
    working--;
    done.push(item);
    if (item === 2) throw new Error('two');
  });
  await expect(run).rejects.toThrow('two');
  expect(most).toBe(2);
  expect(done).toContain(5);
});
