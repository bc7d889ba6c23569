import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadMachine } from '../../src/state/load-machine.ts';
import { StateDatabase } from '../../src/state/state-database.ts';
import { keysInUse, openState } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('altered-records');
const valueBytes = 64;
const numberBytes = 8;

test.each([
  { what: 'record of a key that is settled', later: [], key: 'c/k7', unsettled: 0, proven: 3 * numberBytes },
  { what: 'value that such a record refers to', later: [], key: 'e0000000000000009', unsettled: 0, proven: valueBytes },
  {
    what: 'change that is not settled yet',
    later: [2],
    key: 'e0000000000000065',
    unsettled: keysInUse,
    proven: valueBytes,
  },
])('a $what and was altered in the database never becomes the present', async ({ later, key, unsettled, proven }) => {
  const path = join(folder, key.replaceAll('/', ''));
  const { state, write } = await openState(path);
  write(1);
  await state.writer.settle();
  for (const round of later) write(round);
  await state.writer.idle();
  await state.database.close();
  const database = await StateDatabase.open(path);
  const whole = await loadMachine(database);
  expect(whole?.unsettled.size).toBe(unsettled);
  const record = (await database.level.get(key)) ?? new Uint8Array();
  let noticed = 0;
  for (let at = 0; at < record.length; at++) {
    const altered = new Uint8Array(record);
    altered[at] = (altered[at] as number) ^ 0x10;
    await database.level.put(key, altered);
    const loaded = await loadMachine(database).catch(() => undefined);
    if (loaded === undefined) noticed += 1;
    else expect(loaded.machine.space.present).toEqual(whole?.machine.space.present);
  }
  expect(noticed).toBeGreaterThanOrEqual(proven);
  await database.close();
});
