import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterAll, expect, test } from 'vitest';
import { type ScheduledSnapshotsOptions, scheduledSnapshots, verifySnapshot } from '../../src/index.ts';
import { EmbeddedCluster, until } from '../embedded-cluster.ts';
import { testFolder } from '../test-folder.ts';

const hour = 3_600_000;
const cluster = await EmbeddedCluster.start(1);
const scratch = await testFolder('schedule');
afterAll(() => cluster[Symbol.asyncDispose]());

/** A clock that stands still until it is told to go on. */
class SlowWorld {
  wallMs = Date.parse('2026-01-01T00:00:00Z');
  #wake: () => void = () => undefined;
  asleep = false;
  readonly world: ScheduledSnapshotsOptions['world'] = {
    ...realWorld,
    clock: { ...realWorld.clock, wallMs: () => this.wallMs },
    timers: {
      ...realWorld.timers,
      sleep: (_ms, signal) =>
        new Promise((resolve) => {
          this.asleep = true;
          this.#wake = resolve;
          signal?.addEventListener('abort', () => resolve());
        }),
    },
  };

  /** Lets so much time pass, and all that it brings about happen. */
  async pass(ms: number): Promise<void> {
    await until(() => this.asleep);
    this.asleep = false;
    this.wallMs += ms;
    this.#wake();
    await until(() => this.asleep);
  }
}

test('snapshots are saved on time, verified, and the oldest are forgotten', { timeout: 20_000 }, async () => {
  const slow = new SlowWorld();
  const folder = join(scratch, 'regular');
  await mkdir(folder);
  await writeFile(join(folder, 'notes.txt'), 'of the operator');
  await writeFile(join(folder, 'berth-2025-12-31T00-00-00Z-r1.snapshot.partial'), 'of a server that was killed');
  await put('a');
  const options = { world: slow.world, store: cluster.at(0), folder, everyMs: hour, keep: 2 };
  await using schedule = scheduledSnapshots(options);
  await slow.pass(0);
  await slow.pass(hour / 2);
  expect(await snapshots(folder)).toHaveLength(1);
  for (let i = 0; i < 3; i++) await slow.pass(hour);
  const kept = await snapshots(folder);
  expect(kept.map((name) => name.slice(0, 26))).toEqual(['berth-2026-01-01T02-30-00Z', 'berth-2026-01-01T03-30-00Z']);
  expect((await readdir(folder)).sort()).toEqual([...kept, 'notes.txt']);
  expect(schedule.last?.description).toEqual(await verifySnapshot(join(folder, kept[1] as string)));
});

test('a restart does not save again what is still fresh', { timeout: 20_000 }, async () => {
  const slow = new SlowWorld();
  const folder = join(scratch, 'restart');
  await put('b');
  const options = { world: slow.world, store: cluster.at(0), folder, everyMs: hour, keep: 5 };
  for (let start = 0; start < 2; start++) {
    await using _schedule = scheduledSnapshots(options);
    await slow.pass(60_000);
  }
  expect(await snapshots(folder)).toHaveLength(1);
});

test('a folder that cannot be written is reported and tried again soon', { timeout: 20_000 }, async () => {
  const slow = new SlowWorld();
  const folder = join(scratch, 'file');
  await writeFile(folder, 'not a folder');
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  const options = { world: slow.world, store: cluster.at(0), folder, everyMs: hour, keep: 1, failed };
  await using schedule = scheduledSnapshots(options);
  await slow.pass(0);
  await slow.pass(hour / 10);
  expect(failures).toHaveLength(2);
  expect(schedule.failures).toBe(2);
});

async function put(key: string): Promise<void> {
  await cluster.at(0).txn({ compare: [], success: [{ kind: 'put', key, value: Buffer.from('x') }] });
}

async function snapshots(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.snapshot')).sort();
}
