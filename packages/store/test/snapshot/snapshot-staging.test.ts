import { appendFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Replica } from '../../src/embedded/replica.ts';
import { SnapshotStaging } from '../../src/embedded/snapshot-staging.ts';
import type { ImportedState } from '../../src/snapshot/snapshot-import.ts';
import { fillState, keysInUse, sentFiles } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('staging');
await fillState(join(folder, 'sender'));
const { bytes, base } = await sentFiles(join(folder, 'sender'));
const half = Math.round(bytes.length / 2);
let members = 0;

test('a snapshot is made a state while it arrives, and switched to when all of it has proven whole', async () => {
  const member = await Member.make();
  await member.arrives(1, half);
  await expect.poll(() => member.states()).toEqual(['state-1']);
  await member.arrives(1, bytes.length);
  expect(await member.stage(1)).toMatchObject({ kind: 'snapshot-staged', stateFolder: 'state-1' });
  expect(member.staged?.machine.space.present.size).toBe(keysInUse);
  await member.close();
});

test('one that came before a restart is taken up from its beginning', async () => {
  const before = await Member.make();
  await before.arrives(1, half);
  await before.close();
  expect(await before.states()).toEqual([]);
  const after = new Member(before.path);
  await after.arrives(1, half + 10);
  expect(await after.stage(1)).toMatchObject({ kind: 'snapshot-staged' });
  await after.close();
});

test('one that is discarded leaves nothing, and the next one is not mistaken for it', async () => {
  const member = await Member.make();
  await member.arrives(1, half);
  await member.staging.discarded(1);
  await member.arrives(2, half);
  expect(await member.stage(2)).toMatchObject({ kind: 'snapshot-staged', snapshotId: 2 });
  await member.close();
  expect(await member.states()).toHaveLength(1);
});

test('one that begins again is read again', async () => {
  const member = await Member.make();
  await writeFile(member.file(1), Buffer.alloc(half));
  await member.arrived(1, half);
  await rm(member.file(1));
  await member.arrives(1, 1000);
  expect(await member.stage(1)).toMatchObject({ kind: 'snapshot-staged' });
  await member.close();
  expect(await member.states()).toHaveLength(1);
});

test.each([
  { what: 'is damaged', content: bytes.map((byte, at) => (at === half ? byte ^ 0x10 : byte)) },
  { what: 'is cut off', content: bytes.subarray(0, bytes.length - 1) },
  { what: 'is nothing of the kind', content: Buffer.alloc(5000) },
])('one that $what is refused and leaves nothing', async ({ content }) => {
  const member = await Member.make();
  await writeFile(member.file(1), content);
  await member.arrived(1, content.length - 100);
  expect(await member.staging.stage(member.complete(1), member.replica)).toMatchObject({ kind: 'snapshot-damaged' });
  await member.close();
  expect(await member.states()).toEqual([]);
});

/** What a member needs to be sent a state. */
class Member {
  readonly path: string;
  readonly staging: SnapshotStaging;
  staged: ImportedState | undefined;
  readonly replica: Replica;

  constructor(path: string) {
    this.path = path;
    this.staging = new SnapshotStaging(path, (damage) => {
      throw new Error(damage);
    });
    const stage: Replica['stage'] = (_folder, imported) => {
      this.staged = imported;
    };
    this.replica = { stage } as Replica;
  }

  static async make(): Promise<Member> {
    members += 1;
    const path = join(folder, `member-${members}`);
    await mkdir(path);
    return new Member(path);
  }

  file(snapshotId: number): string {
    return join(this.path, `${snapshotId}.part`);
  }

  /** The first bytes of what was sent lie in the file. */
  async arrives(snapshotId: number, length: number): Promise<void> {
    await this.#grow(this.file(snapshotId), length);
    await this.arrived(snapshotId, length);
  }

  arrived(snapshotId: number, length: number): Promise<void> {
    return this.staging.arrived({
      kind: 'snapshot-arriving',
      snapshotId,
      file: this.file(snapshotId),
      bytes: length,
    });
  }

  complete(snapshotId: number): Parameters<SnapshotStaging['stage']>[0] {
    return { kind: 'stage-snapshot', snapshot: { snapshotId, base }, file: this.file(snapshotId) };
  }

  async stage(snapshotId: number): Promise<unknown> {
    await this.#grow(this.file(snapshotId), bytes.length);
    return await this.staging.stage(this.complete(snapshotId), this.replica);
  }

  /** What is there stays as it is, like with the receiver of a snapshot: somebody reads it already. */
  async #grow(file: string, length: number): Promise<void> {
    const held = await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    await appendFile(file, bytes.subarray(held, length));
  }

  async states(): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => name.startsWith('state-'));
  }

  async close(): Promise<void> {
    await this.staging.close();
    await this.staged?.database.close();
  }
}
