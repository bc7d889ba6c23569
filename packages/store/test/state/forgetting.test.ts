import { join } from 'node:path';
import { expect, test } from 'vitest';
import { revision } from '../../src/revision.ts';
import { type ForgettingPort, forgetHistory } from '../../src/state/forgetting.ts';
import { recordKeys } from '../../src/state/state-records.ts';
import { StateCopy, statesOf } from '../state-copy.ts';
import { keysInUse, openState } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('forgetting');
/** Of each key: several blocks of records to read, and more than one write deletes. */
const rounds = 100;
/** In the middle of the last round: what was written in it is there still. */
const below = (rounds - 1) * keysInUse + 20;
/** The first revision of all is 2, and the first transaction writes the key that changes only once. */
const isLasting = (key: number): boolean => key === keysInUse || 3 + (rounds - 1) * keysInUse + key < below;
const kept = [below, below + 1, below + 40].map(revision);

const path = join(folder, 'full');
const { state, write, writeKey } = await openState(path);
// Changes only once, long before: its value moves.
writeKey(0, keysInUse);
for (let round = 0; round < rounds; round++) write(round);
await state.writer.settle();
await state.writer.idle();
const expected = await statesOf(state.history, kept);
await state.close();

const forget = (port: ForgettingPort, from: number): Promise<void> => forgetHistory(port, from, below);

test('the last value of a key is written once, however often it changed in what is forgotten', async () => {
  await using used = await StateCopy.make(path, join(folder, 'once'));
  const written: string[] = [];
  used.database.level.on('write', (operations) => {
    for (const { type, key } of operations) if (type === 'put') written.push(String(key));
  });
  await used.forget(forget);
  const expectedWrites = Array.from({ length: keysInUse + 1 }, (_, key) =>
    isLasting(key) ? recordKeys.present(`/k${key}`) : recordKeys.previous(`/k${key}`),
  );
  expect(written.toSorted()).toEqual(expectedWrites.toSorted());
  await used.expectStates(kept, expected);
});

test('everything that was forgotten is gone, and told in bytes', async () => {
  await using used = await StateCopy.make(path, join(folder, 'gone'));
  const { historyBytes } = (await used.database.load())?.meta ?? { historyBytes: 0 };
  await used.forget(forget);
  expect(await used.database.oldestHistory()).toBe(below);
  let left = 0;
  for await (const slice of used.database.historyFromEnd(below, Number.MAX_SAFE_INTEGER / 2))
    for (const [, record] of slice) left += record.length;
  expect(used.deletedBytes).toBe(historyBytes - left);
});

// The smaller number of keys makes it forget in parts.
test.each([Number.POSITIVE_INFINITY, 7])(
  'a crash after any of its writes loses nothing that is kept, and the next compaction ends the work (%d keys at once)',
  async (keysAtOnce) => {
    const inParts = (port: ForgettingPort, from: number): Promise<void> => forgetHistory(port, from, below, keysAtOnce);
    for (let writes = 0; ; writes++) {
      await using used = await StateCopy.make(path, join(folder, `crash-${keysAtOnce}-${writes}`));
      const complete = await used.forget(inParts, writes);
      await used.expectStates(kept, expected);
      await used.forget(inParts);
      await used.expectStates(kept, expected);
      expect(await used.database.oldestHistory()).toBe(below);
      if (!complete) continue;
      expect(writes).toBeGreaterThan(2);
      return;
    }
  },
);
