import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SnapshotError, verifySnapshot } from '../../src/index.ts';
import { FrozenLevel } from '../../src/leveldb/frozen-level.ts';
import { readManifest } from '../../src/leveldb/manifest.ts';
import { type ImportedState, importSnapshot } from '../../src/snapshot/snapshot-import.ts';
import { SnapshotSource } from '../../src/snapshot/snapshot-source.ts';
import { fillState, keysInUse, openState, sentFiles } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const limitMs = 30_000;
const folder = await testFolder('state-files');
let folders = 0;

test('files held while a database is written and merged are a database of an unbroken beginning of what was written', {
  timeout: limitMs,
}, async () => {
  const path = fresh();
  const level = new ClassicLevel<string, string>(path, { writeBufferSize: 64 * 1024 });
  await level.open();
  let written = 0;
  let stop = false;
  const writing = (async () => {
    for (; !stop; written++)
      await level.batch(
        ['a', 'b'].map((half) => ({ type: 'put', key: `${half}${written}`, value: `${written} `.repeat(200) })),
      );
  })();
  for (let round = 0; round < 8; round++) {
    const before = written;
    while (written < before + 300) await level.get('a0');
    const least = written;
    const frozen = await FrozenLevel.open(path);
    const most = written + 1;
    const held = written;
    while (written < held + 300) await level.get('a0');
    const copied = await copyOf(frozen);
    await frozen.close();
    const numbers = async (half: string): Promise<number[]> =>
      (await copied.keys({ gte: half, lt: `${half}~` }).all())
        .map((key) => Number(key.slice(1)))
        .sort((one, other) => one - other);
    const found = await numbers('a');
    expect(found).toEqual(await numbers('b'));
    expect(found).toEqual(found.map((_, at) => at));
    expect(found.length).toBeGreaterThanOrEqual(least);
    expect(found.length).toBeLessThanOrEqual(most);
    await copied.close();
  }
  stop = true;
  await writing;
  await level.close();
});

test('a manifest names the tables there are', async () => {
  const path = fresh();
  const level = new ClassicLevel(path, { writeBufferSize: 64 * 1024 });
  await level.open();
  for (let i = 0; i < 2000; i++) await level.put(`k${(i * 7919) % 1000}`, `${i} `.repeat(100));
  await level.close();
  const names = await readdir(path);
  const manifest = names.find((name) => name.startsWith('MANIFEST')) ?? '';
  const { tables, firstJournal } = readManifest(await readFile(join(path, manifest)));
  const numbered = (ending: string): number[] =>
    names.filter((name) => name.endsWith(ending)).map((name) => Number.parseInt(name, 10));
  expect([...tables].sort()).toEqual(numbered('.ldb').sort());
  expect(tables.size).toBeGreaterThan(1);
  expect(numbered('.log')).toContain(firstJournal);
});

test('a state that was sent as files and altered anywhere is refused, and leaves nothing behind', {
  timeout: limitMs,
}, async () => {
  const bytes = await sent(await filledState());
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, flip) => {
      const copy = Buffer.from(bytes);
      copy[offset] = (copy[offset] as number) ^ flip;
      const into = fresh();
      await expect(received(copy, into)).rejects.toThrow(SnapshotError);
      await expect(stat(into)).rejects.toThrow('ENOENT');
    }),
    { numRuns: 60 },
  );
  await expect(received(bytes.subarray(0, bytes.length - 1), fresh())).rejects.toThrow('cut off');
});

test('a state arrives whole, in whatever pieces it comes', { timeout: limitMs }, async () => {
  const bytes = await sent(await filledState());
  const present = async (pieceBytes: readonly number[]): Promise<string> => {
    const { database, meta } = await received(bytes, fresh(), pieceBytes);
    await database.close();
    return meta.stateHash;
  };
  const whole = await present([bytes.length]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 9 }),
      async (pieceBytes) => {
        expect(await present(pieceBytes)).toBe(whole);
      },
    ),
    { numRuns: 20 },
  );
});

test('a table that was damaged where it comes from costs the history, not the present', {
  timeout: limitMs,
}, async () => {
  const path = await filledState();
  const table = (await readdir(path)).find((name) => name.endsWith('.ldb')) ?? '';
  const bytes = await readFile(join(path, table));
  const inHistory = Math.round(bytes.length / 2);
  bytes[inHistory] = (bytes[inHistory] as number) ^ 1;
  await writeFile(join(path, table), bytes);
  const imported = await received(await sent(path), fresh());
  expect(imported.salvaged).toContain(table);
  expect(imported.machine.space.present.size).toBe(keysInUse);
  expect(imported.meta.historyFrom).toBe(imported.meta.revision + 1);
  await imported.database.close();
});

test('a state on its way between servers is not taken for a snapshot file', { timeout: limitMs }, async () => {
  const file = `${fresh()}.snapshot`;
  await writeFile(file, await sent(await filledState()));
  await expect(verifySnapshot(file)).rejects.toThrow('on its way between servers');
});

test('what is done between writes sees no write, and who waits for writes waits for it', async () => {
  const { state, write } = await openState(fresh());
  write(1);
  const done: string[] = [];
  let before = '';
  const visit = state.writer.betweenWrites(async () => {
    before = (await SnapshotSource.ofRecords(state.database))?.meta.stateHash ?? '';
    write(2);
    for (let i = 0; i < 20; i++) await state.database.level.get('m');
    expect((await SnapshotSource.ofRecords(state.database))?.meta.stateHash).toBe(before);
    done.push('visit');
  });
  const settled = state.writer.settle().then(() => done.push('settled'));
  await Promise.all([visit, settled]);
  expect(done).toEqual(['visit', 'settled']);
  expect(before).not.toBe('');
  expect((await SnapshotSource.ofRecords(state.database))?.meta.stateHash).not.toBe(before);
  await state.close();
});

function fresh(): string {
  folders += 1;
  return join(folder, String(folders));
}

async function copyOf(frozen: FrozenLevel): Promise<ClassicLevel<string, string>> {
  const path = fresh();
  const files = new Map<string, Uint8Array[]>();
  for await (const [name, piece] of frozen.pieces()) files.set(name, [...(files.get(name) ?? []), Buffer.from(piece)]);
  const copied = new ClassicLevel<string, string>(path, { createIfMissing: true });
  await copied.open();
  await copied.close();
  for (const name of await readdir(path)) if (!/^LO/.test(name)) await writeFile(join(path, name), '');
  for (const [name, pieces] of files) await writeFile(join(path, name), Buffer.concat(pieces));
  const opened = new ClassicLevel<string, string>(path, { createIfMissing: false });
  await opened.open();
  return opened;
}

async function filledState(): Promise<string> {
  const path = fresh();
  await fillState(path);
  return path;
}

async function sent(path: string): Promise<Buffer> {
  return (await sentFiles(path)).bytes;
}

async function received(
  bytes: Uint8Array,
  into: string,
  pieceBytes: readonly number[] = [1000],
): Promise<ImportedState> {
  return await importSnapshot(inPieces(bytes, pieceBytes), into);
}

/** Of these lengths in turn, all in the same memory, as they are read from a file that is being received. */
async function* inPieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  const memory = new Uint8Array(Math.max(...lengths));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = bytes.subarray(at, at + (lengths[turn % lengths.length] as number));
    memory.fill(0xff).set(piece);
    yield memory.subarray(0, piece.length);
    at += piece.length;
  }
}
