import { cp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prefixRange, type Revision, revision, type StoreError } from '../../src/index.ts';
import { closeStopped, openStopped, replay } from '../../src/recovery/stopped-member.ts';
import { EmbeddedCluster } from '../embedded-cluster.ts';
import { testFolder } from '../test-folder.ts';

/** What was acknowledged: the state at every revision. */
const states = new Map<Revision, string>();
let cluster: EmbeddedCluster;
let scratch: string;
let stopped: string;
let killed: string;
let last: Revision;

beforeAll(async () => {
  scratch = await testFolder('damage');
  cluster = await EmbeddedCluster.start(1, { log: { checkpointEntries: 60, trailingEntries: 20 } });
  await write(0, 90);
  // A restart moves what is in LevelDB's journals to tables: now both kinds of files are there.
  await cluster.stop(0);
  await cluster.restart(0);
  last = await write(90, 140);
  stopped = join(scratch, 'stopped');
  killed = join(scratch, 'killed');
  await cp(cluster.optionsOf(0).dataDirectory, killed, { recursive: true });
  await cluster.stop(0);
  await cp(cluster.optionsOf(0).dataDirectory, stopped, { recursive: true });
}, 60_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

const runs = Number(process.env['BERTH_DAMAGE_RUNS'] ?? 40);

describe('a member that was stopped or killed', { timeout: 30_000 + runs * 250 }, () => {
  test.each(['stopped', 'killed'])('%s, undamaged, holds everything acknowledged', async (kind) => {
    expect(await verdictOf(await copyOf(kind), false)).toBe('ok');
  });

  test.each(['stopped', 'killed'])('%s, never answers wrongly after a flipped bit in any file', async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.nat(7), async (file, offset, bit) => {
        const folder = await copyOf(kind);
        const path = await pick(folder, file);
        const { size } = await stat(path);
        if (size === 0) return;
        await flip(path, offset % size, bit);
        await verdictOf(folder, true);
      }),
      { numRuns: runs },
    );
  });

  test('stopped, never answers wrongly after the end of any file was lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), async (file, offset) => {
        const folder = await copyOf('stopped');
        const path = await pick(folder, file);
        const { size } = await stat(path);
        if (size > 0) await truncate(path, offset % size);
        await verdictOf(folder, true);
      }),
      { numRuns: runs },
    );
  });
});

/** Opens the folder as a start would. Sound members must hold everything; others must say that they are not. */
async function verdictOf(folder: string, damaged: boolean): Promise<string> {
  let member: Awaited<ReturnType<typeof openStopped>>;
  try {
    member = await openStopped(realWorld, folder);
  } catch (error) {
    expect(damaged, `refused without damage: ${String(error)}`).toBe(true);
    return 'refused';
  }
  try {
    const { verdict } = member.findings.report();
    if (verdict === 'quarantined') return verdict;
    await replay(member);
    const { machine, history } = member.state;
    expect(machine.space.revision).toBe(last);
    for (const [at, expected] of states) {
      const found = await history.stateAt(prefixRange('/t/'), at).then(
        (kvs) => kvs.map((kv) => `${kv.key}=${Buffer.from(kv.value).toString()}`).join(),
        (error: StoreError) => error.code,
      );
      if (damaged && found === 'compacted') continue;
      expect(found, `state at revision ${at}`).toBe(expected);
    }
    return verdict;
  } finally {
    await closeStopped(member);
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(from: number, to: number): Promise<Revision> {
  const store = cluster.at(0);
  const present = new Map<string, string>();
  for (const kv of (await store.range({ ...prefixRange('/t/'), consistency: { kind: 'local' } })).kvs)
    present.set(kv.key, Buffer.from(kv.value).toString());
  let at = revision(0);
  for (let i = from; i < to; i++) {
    const key = `/t/${i % 17}`;
    const gone = i % 11 === 10;
    const value = Buffer.from(realWorld.random.bytes(i % 60)).toString('hex');
    const operation = gone
      ? ({ kind: 'delete', from: key } as const)
      : ({ kind: 'put', key, value: Buffer.from(value) } as const);
    ({ revision: at } = await store.txn({ compare: [], success: [operation] }));
    if (gone) present.delete(key);
    else present.set(key, value);
    const sorted = [...present].sort(([a], [b]) => (a < b ? -1 : 1));
    states.set(at, sorted.map(([name, text]) => `${name}=${text}`).join());
  }
  return at;
}

let copies = 0;
async function copyOf(kind: string): Promise<string> {
  const folder = join(scratch, `copy-${copies++}`);
  await cp(kind === 'killed' ? killed : stopped, folder, { recursive: true });
  return folder;
}

async function pick(folder: string, number: number): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return files[number % files.length] as string;
}

async function flip(path: string, offset: number, bit: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  byte[0] = (byte[0] as number) ^ (1 << bit);
  await file.write(byte, 0, 1, offset);
  await file.close();
}
