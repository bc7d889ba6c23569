import { join } from 'node:path';
import { expect, test } from 'vitest';
import { revision } from '../../src/revision.ts';
import { forgetEras } from '../../src/state/era-forgetting.ts';
import type { ForgettingPort } from '../../src/state/forgetting.ts';
import { recordKeys } from '../../src/state/state-records.ts';
import { StateCopy, statesOf } from '../state-copy.ts';
import { keysInUse, openState } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('era-forgetting');
const path = join(folder, 'full');
const { state, write, writeKey } = await openState(path, 300_000);
// Changes only once, long before: its value moves.
writeKey(0, keysInUse);
for (let round = 0; round < 100; round++) write(round);
await state.writer.settle();
await state.writer.idle();
const eras = structuredClone(state.writer.meta().eras);
const [before, era] = eras;
if (before === undefined || era === undefined) throw new Error('no era has ended');
/** Where the second era begins: after more records than one write deletes. */
const below = era.from;
const { bytes } = before;
const kept = [below, below + 1, below + 40].map(revision);
const expected = await statesOf(state.history, kept);
await state.close();

const forget = (port: ForgettingPort, from: number): Promise<void> => forgetEras(port, from, below, bytes);

test('only values that are present still are written again, and what was kept of those before goes', async () => {
  await using copy = await StateCopy.make(path, join(folder, 'once'));
  await copy.database.level.put(recordKeys.previous('/k3'), new Uint8Array(80));
  const written: string[] = [];
  copy.database.level.on('write', (operations) => {
    for (const { type, key } of operations) if (type === 'put') written.push(String(key));
  });
  await copy.forget(forget);
  expect(written).toEqual([recordKeys.present(`/k${keysInUse}`)]);
  expect(await copy.database.level.get(recordKeys.previous('/k3'))).toBeUndefined();
  await copy.expectStates(kept, expected);
});

test('everything below the era is gone, and told in bytes', async () => {
  await using copy = await StateCopy.make(path, join(folder, 'gone'));
  await copy.forget(forget);
  expect(await copy.database.oldestHistory()).toBe(below);
  expect(copy.deletedBytes).toBe(bytes);
});

test('history that goes is not looked at: its damage does no harm', async () => {
  await using copy = await StateCopy.make(path, join(folder, 'damaged'));
  await copy.forget(async (port, from) => {
    for (let at = from; at < below; at++) await copy.database.level.put(recordKeys.history(at), new Uint8Array(80));
    await forget(port, from);
  });
  await copy.expectStates(kept, expected);
});

test('eras are where they were after a start', async () => {
  await using copy = await StateCopy.make(path, join(folder, 'started'));
  expect((await copy.database.load())?.meta.eras).toEqual(eras);
});

test('a crash after any of its writes loses nothing that is kept, and the next compaction ends the work', async () => {
  for (let writes = 0; ; writes++) {
    await using copy = await StateCopy.make(path, join(folder, `crash-${writes}`));
    const complete = await copy.forget(forget, writes);
    await copy.expectStates(kept, expected);
    await copy.forget(forget);
    await copy.expectStates(kept, expected);
    expect(await copy.database.oldestHistory()).toBe(below);
    if (!complete) continue;
    expect(writes).toBeGreaterThan(3);
    return;
  }
});
