import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Entry, entryKinds, entryPayload, frameEntry, logIndex, noOrigin, type Persist, term } from '@berth/raft';
import { realWorld } from '@berth/world';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogWriter } from '../../src/consensus/log-writer.ts';
import { type OpenedDirectory, openDirectory } from '../../src/consensus/open-directory.ts';
import type { StateFound } from '../../src/consensus/start-log.ts';
import type { CoreOptions } from '../../src/link/core-messages.ts';
import { encodeAddress } from '../../src/member-record.ts';
import { testFolder } from '../test-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await testFolder('log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('entries and hard state are there again after a restart', async () => {
  const member = await Member.open();
  await member.write({
    entries: entries(1, 1, 5),
    hardState: { term: term(1), vote: undefined, quarantinedUpTo: undefined },
  });
  await member.write({ entries: entries(1, 6, 8) });
  await member.close();
  const again = await Member.open();
  expect(again.opened.report).toEqual({ verdict: 'ok', reasons: [] });
  expect(again.opened.log.stored.hardState).toMatchObject({ term: 1 });
  expect(await again.read()).toEqual(['1:1', '1:2', '1:3', '1:4', '1:5', '1:6', '1:7', '1:8']);
  expect(again.opened.promises.promises.incarnation).toBe(2);
  await again.close();
});

test('entries that a new leader replaced do not come back', async () => {
  const member = await Member.open();
  await member.write({ entries: entries(1, 1, 6), hardState: hardState(1) });
  await member.write({ truncateFrom: logIndex(4), entries: entries(2, 4, 5), hardState: hardState(2) });
  await member.crash();
  const again = await Member.open();
  expect(again.opened.report.verdict).toBe('ok');
  expect(await again.read()).toEqual(['1:1', '1:2', '1:3', '2:4', '2:5']);
  await again.close();
});

test('a log that was shortened begins behind its base', async () => {
  const member = await Member.open();
  await member.write({ entries: entries(1, 1, 20), hardState: hardState(1) });
  const base = { ...member.opened.log.stored.base, index: logIndex(12), term: term(1) };
  await member.write({ base });
  await member.close();
  const again = await Member.open({ kind: 'whole', base });
  expect(again.opened.report.verdict).toBe('ok');
  expect(again.opened.log.stored.base.index).toBe(12);
  expect((await again.read()).at(0)).toBe('1:13');
  await again.close();
  expect((await storedKeys()).filter((key) => key.startsWith('l'))).toHaveLength(8);
});

test('rule 57: a torn tail is discarded, a damaged entry quarantines', async () => {
  const member = await Member.open();
  await member.write({ entries: entries(1, 1, 5), hardState: hardState(1) });
  await member.crash();
  await appendFile(await journal(), Buffer.from([1, 2, 3, 4, 200, 0, 1, 9, 9, 9]));
  const again = await Member.open();
  expect(again.opened.report.verdict).toBe('torn-tail');
  expect(await again.read()).toHaveLength(5);
  await again.write({ entries: entries(1, 6, 9) });
  await again.crash();
  const path = await journal();
  const bytes = await readFile(path);
  // The last byte of the last record: whole, synced, and no longer what was written.
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  await writeFile(path, bytes);
  const third = await Member.open();
  expect(third.opened.report.verdict).toBe('quarantined');
  await third.close();
});

test.each([
  { lost: 'an entry in the middle', keys: ['l000000010000000000000003'], says: 'entry 3 is missing' },
  {
    lost: 'the newest entries',
    keys: ['l000000010000000000000004', 'l000000010000000000000005'],
    says: 'entry 5 was made durable',
  },
  { lost: 'the record of where the log begins', keys: ['b'], says: 'lost the record of where it begins' },
  { lost: 'both hard states', keys: ['h0', 'h1'], says: 'was made durable' },
])(
  'rule 56: every single corruption starts in a named state: $lost lost is a quarantine that outlives a restart',
  async ({ keys, says }) => {
    const member = await Member.open();
    await member.write({ entries: entries(1, 1, 5), hardState: hardState(3) });
    await member.close();
    const level = new ClassicLevel(join(folder, 'log'));
    for (const key of keys) await level.del(key);
    await level.close();
    const again = await Member.open();
    expect(again.opened.report.verdict).toBe('quarantined');
    expect(again.opened.report.reasons.join()).toContain(says);
    expect(again.opened.log.stored.hardState.term).toBe(3);
    await again.crash();
    const third = await Member.open();
    expect(third.opened.log.stored.hardState.quarantinedUpTo).toBe(3);
    await third.close();
  },
);

test('a log that was put back from an old copy is noticed', async () => {
  const member = await Member.open();
  await member.write({ entries: entries(1, 1, 5), hardState: hardState(1) });
  await member.close();
  const old = join(folder, 'old-log');
  await cp(join(folder, 'log'), old, { recursive: true });
  const later = await Member.open();
  await later.write({ entries: entries(2, 6, 7), hardState: hardState(2) });
  await later.close();
  await rm(join(folder, 'log'), { recursive: true });
  await cp(old, join(folder, 'log'), { recursive: true });
  const again = await Member.open();
  expect(again.opened.report.verdict).toBe('quarantined');
  await again.close();
});

test('a directory without its promise files is refused with a sentence', async () => {
  const member = await Member.open();
  await member.write({ entries: entries(1, 1, 2), hardState: hardState(1) });
  await member.close();
  for (const name of ['promise-0', 'promise-1']) await rm(join(folder, name));
  await expect(Member.open()).rejects.toThrow(/has lost its promise files.*Remove the member/);
});

test('rule 59: a directory is opened by one process at a time', async () => {
  const member = await Member.open();
  await expect(Member.open()).rejects.toThrow(/another process uses the data directory/);
  await member.close();
});

/** The storage of one member, written to as the core would. */
class Member {
  readonly opened: OpenedDirectory;
  readonly #writer: LogWriter;
  #seq = 0;
  #durable: (() => void)[] = [];

  constructor(opened: OpenedDirectory) {
    this.opened = opened;
    this.#writer = new LogWriter(opened.log.database, opened.promises, realWorld, opened.log.writerStart, {
      durable: () => {
        for (const resolve of this.#durable.splice(0)) resolve();
      },
      failed: (error) => {
        throw error;
      },
      installed: () => undefined,
    });
  }

  static async open(state: StateFound = { kind: 'empty' }): Promise<Member> {
    const options = { dataDirectory: folder, founding: { kind: 'bootstrap' }, address } as CoreOptions;
    return new Member(await openDirectory(realWorld, options, async () => state));
  }

  write(change: Partial<Persist>): Promise<void> {
    this.#seq += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#durable.push(resolve);
    const nothing = { hardState: undefined, truncateFrom: undefined, entries: [], base: undefined, install: undefined };
    this.#writer.submit({ kind: 'persist', seq: this.#seq, ...nothing, ...change });
    return promise;
  }

  async read(): Promise<string[]> {
    const { stored, database, writerStart } = this.opened.log;
    const { base, log } = stored;
    const read = await database.read(writerStart.storedBase.generation, base.index + 1, log.lastIndex, 1e6);
    for (const entry of read) expect(Buffer.from(entryPayload(entry)).toString()).toBe(`payload ${entry.index}`);
    return read.map((entry) => `${entry.term}:${entry.index}`);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.crash();
  }

  /** Without telling anybody: nothing more is written. */
  async crash(): Promise<void> {
    await this.opened.promises.close();
    await this.opened.log.database.close();
  }
}

const address = encodeAddress({
  name: 'a',
  apiAddress: '',
  gatewayAddress: '',
  peerAddress: 'localhost:1',
  promote: true,
});

function hardState(inTerm: number): NonNullable<Persist['hardState']> {
  return { term: term(inTerm), vote: undefined, quarantinedUpTo: undefined };
}

function entries(inTerm: number, from: number, to: number): Entry[] {
  const made: Entry[] = [];
  for (let index = from; index <= to; index++) {
    const place = { index: logIndex(index), term: term(inTerm), kind: entryKinds.command };
    made.push(frameEntry(place, noOrigin, Buffer.from(`payload ${index}`), crc32));
  }
  return made;
}

async function journal(): Promise<string> {
  const names = (await readdir(join(folder, 'log'))).filter((name) => name.endsWith('.log')).sort();
  return join(folder, 'log', names.at(-1) ?? '');
}

async function storedKeys(): Promise<string[]> {
  const level = new ClassicLevel(join(folder, 'log'));
  const keys = await level.keys().all();
  await level.close();
  return keys;
}
