import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OrderedMap } from '../../src/mvcc/ordered-map.ts';
import { type Revision, revision } from '../../src/revision.ts';
import { saveSnapshot } from '../../src/snapshot/snapshot-file.ts';
import { SnapshotError } from '../../src/snapshot/snapshot-format.ts';
import { importSnapshot } from '../../src/snapshot/snapshot-import.ts';
import { SnapshotSource } from '../../src/snapshot/snapshot-source.ts';
import { forgetHistory } from '../../src/state/forgetting.ts';
import { loadMachine } from '../../src/state/load-machine.ts';
import { StateDatabase } from '../../src/state/state-database.ts';
import { recordKeys } from '../../src/state/state-records.ts';
import { keysInUse, openState, type StateInUse } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('referred-values');
/** Of key 7, written in the first round. */
const writtenAt = 9;

test('the record of a settled key is small, and its value is found in the history', async () => {
  const { state, write } = await openState(join(folder, 'small'));
  write(1);
  await state.writer.settle();
  const record = await state.database.level.get(recordKeys.present('/k7'));
  expect(record?.length).toBeLessThan(40);
  await expectSameAfterwards(state, 'small');
});

test.each([1, 20, 1000])('values are found with %i changes of other keys between them', async (between) => {
  const path = `between-${between}`;
  const { state, writeKey } = await openState(join(folder, path));
  for (let key = 0; key < keysInUse; key += 10) {
    writeKey(1, key);
    for (let other = 0; other < between; other++) writeKey(other, keysInUse);
  }
  await state.writer.settle();
  await expectSameAfterwards(state, path);
});

test('a value whose history goes moves to the record of its key', async () => {
  const { state, write } = await openState(join(folder, 'moved'));
  write(1);
  await state.writer.settle();
  compact(state, revision(keysInUse));
  await state.writer.idle();
  expect(await state.database.level.get(recordKeys.history(writtenAt))).toBeUndefined();
  expect((await state.database.level.get(recordKeys.present('/k7')))?.length).toBeGreaterThan(64);
  await expectSameAfterwards(state, 'moved');
});

test('a value whose record was damaged while the server ran moves, too', async () => {
  const { state, write } = await openState(join(folder, 'damaged'));
  write(1);
  await state.writer.settle();
  await state.database.level.put(recordKeys.history(writtenAt), new Uint8Array(80));
  compact(state, revision(keysInUse));
  await state.writer.idle();
  await expectSameAfterwards(state, 'damaged');
});

test('a value that changes while its history goes is found after a crash that loses the change', async () => {
  const { state, write } = await openState(join(folder, 'crashed'));
  write(1);
  await state.writer.settle();
  const exclusively = (work: () => Promise<void>): Promise<void> => work();
  const { database } = state;
  await forgetHistory(
    { database, present: () => new OrderedMap(), exclusively, deleted: () => undefined },
    2,
    keysInUse,
  );
  await expectSameAfterwards(state, 'crashed');
});

test('a value that is nowhere to be found is damage', async () => {
  const { state, write } = await openState(join(folder, 'missing'));
  write(1);
  await state.writer.settle();
  await state.database.level.del(recordKeys.history(writtenAt));
  await expect(loadMachine(state.database)).rejects.toThrow('the value of /k7 at revision 9 is missing');
  await state.database.close();
});

test('a snapshot of a state that lacks a value is refused by whoever reads it', async () => {
  const { state, write } = await openState(join(folder, 'incomplete'));
  write(1);
  await state.writer.settle();
  await state.database.level.del(recordKeys.history(writtenAt));
  for (const form of ['ofRecords', 'ofFiles'] as const) {
    const source = await SnapshotSource[form](state.database);
    if (source === undefined) throw new Error('there is no state');
    const imported = importSnapshot(source.stream(), join(folder, form));
    await expect(imported).rejects.toThrow('the value of /k7 at revision 9 is missing');
    await expect(imported).rejects.toThrow(SnapshotError);
    if (form === 'ofRecords')
      await expect(saveSnapshot(source.stream(), join(folder, 'file'))).rejects.toThrow(SnapshotError);
    await source.close();
  }
  await state.database.close();
});

function compact(state: StateInUse['state'], to: Revision): void {
  state.machine.space.compact(to);
  state.persist();
}

/** As a start after a crash finds it. */
async function expectSameAfterwards({ machine, database, writer }: StateInUse['state'], path: string): Promise<void> {
  await writer.idle();
  await database.close();
  const again = await StateDatabase.open(join(folder, path));
  const loaded = await loadMachine(again);
  expect(loaded?.machine.space.present).toEqual(machine.space.present);
  await again.close();
}
