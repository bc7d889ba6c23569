import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EarlyState } from '../../src/embedded/early-state.ts';
import { StateDatabase } from '../../src/state/state-database.ts';
import { fillState, keysInUse } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('early-state');

test('the only state there is comes out opened and loaded', async () => {
  const path = await directoryWith('only', 'state-3');
  const opened = await new EarlyState(path).take('state-3');
  expect(opened?.loaded?.meta).toMatchObject({ clusterId: 'cluster', keys: keysInUse });
  await opened?.database.close();
});

test('a state that is not asked for is closed, for others to open', async () => {
  const path = await directoryWith('other', 'state-3');
  expect(await new EarlyState(path).take('state-4')).toBeUndefined();
  const database = await StateDatabase.open(join(path, 'state-3'));
  await database.close();
});

test('it is not guessed which of several states is in use', async () => {
  const path = await directoryWith('several', 'state-3');
  await mkdir(join(path, 'state-4'));
  expect(await new EarlyState(path).take('state-3')).toBeUndefined();
});

test('a damaged state is not touched', async () => {
  const path = await directoryWith('damaged', 'state-3');
  const state = join(path, 'state-3');
  const manifest = (await readdir(state)).find((name) => name.startsWith('MANIFEST')) ?? '';
  const bytes = await readFile(join(state, manifest));
  bytes[20] = (bytes[20] as number) ^ 1;
  await writeFile(join(state, manifest), bytes);
  const before = await contents(state);
  expect(await new EarlyState(path).take('state-3')).toBeUndefined();
  expect(await contents(state)).toEqual(before);
});

async function directoryWith(name: string, state: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await fillState(join(path, state));
  return path;
}

async function contents(path: string): Promise<Record<string, string>> {
  const names = await readdir(path);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(path, name))).toString('hex')] as const)),
  );
}
