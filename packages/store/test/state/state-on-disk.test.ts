import { crc32 } from 'node:zlib';
import { emptyConfiguration, entryKinds, foundingBase, frameEntry, logIndex, term } from '@berth/raft';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { AppliedState } from '../../src/embedded/applied-state.ts';
import { type Operation, prefixRange } from '../../src/index.ts';
import { boundedRange } from '../../src/key-range.ts';
import type { Transaction } from '../../src/mvcc/transaction.ts';
import { revision } from '../../src/revision.ts';
import type { SnapshotForm } from '../../src/snapshot/snapshot-format.ts';
import { importSnapshot } from '../../src/snapshot/snapshot-import.ts';
import { SnapshotSource } from '../../src/snapshot/snapshot-source.ts';
import { type Command, encodeCommand } from '../../src/state/command.ts';
import { readHistory } from '../../src/state/history-reader.ts';
import { type LoadedMachine, loadMachine } from '../../src/state/load-machine.ts';
import { StateDatabase } from '../../src/state/state-database.ts';
import { StateMachine } from '../../src/state/state-machine.ts';
import { freshStart, startOf } from '../../src/state/state-writer.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('state-on-disk');
const everything = boundedRange(prefixRange('/'));

/** Not one era ends, or some do between two compactions, or most in the middle of what is deleted. */
const eraSizes = [1_000_000, 4000, 15_000];

test.each([1, 2, 3, 4, 5, 6])(
  'however it is written, settled, compacted, killed or copied, the present and the kept history are what they were (seed %i)',
  async (seed) => {
    const random = new Dice(seed);
    await using state = await StateUnderTest.open(`${folder}/${seed}`, eraSizes[seed % eraSizes.length]);
    const steps = [
      { weight: 60, step: () => state.write(random) },
      { weight: 4, step: () => state.settle() },
      { weight: 4, step: () => state.killAndLoad() },
      { weight: 2, step: () => state.stopAndLoad() },
      { weight: 5, step: () => state.compact(random) },
      { weight: 2, step: () => state.copy('records', `${folder}/${seed}-${random.below(1e9)}`) },
      { weight: 2, step: () => state.copy('files', `${folder}/${seed}-${random.below(1e9)}`) },
    ];
    for (let i = 0; i < 400; i++) await random.weighted(steps).step();
    await state.check();
  },
);

test('a value that did not change stays readable after the history that made it was compacted', async () => {
  await using state = await StateUnderTest.open(`${folder}/compacted`);
  const old = 'old '.repeat(50);
  await state.txn([{ kind: 'put', key: '/a', value: Buffer.from(old) }]);
  await state.txn([{ kind: 'put', key: '/b', value: Buffer.from('b') }]);
  await state.txn([{ kind: 'put', key: '/a', value: Buffer.from('new '.repeat(50)) }]);
  await state.apply({ kind: 'compact', to: revision(3) });
  await state.killAndLoad();
  const [, changed] = await state.history(3);
  expect(changed?.events).toMatchObject([{ kind: 'put', previous: { key: '/a', modRevision: 2, version: 1 } }]);
  expect(Buffer.from(changed?.events[0]?.previous?.value ?? []).toString()).toBe(old);
});

/** One state database in use, and beside it everything it ever held. */
class StateUnderTest {
  #path: string;
  #database: StateDatabase;
  #state: AppliedState;
  #index = 0;
  readonly #told: Transaction[] = [];
  readonly #eraBytes: number;

  private constructor(path: string, database: StateDatabase, eraBytes: number) {
    this.#path = path;
    this.#database = database;
    this.#eraBytes = eraBytes;
    this.#state = this.#begin(undefined);
  }

  static async open(path: string, eraBytes = Number.POSITIVE_INFINITY): Promise<StateUnderTest> {
    return new StateUnderTest(path, await StateDatabase.open(path), eraBytes);
  }

  async apply(command: Command): Promise<void> {
    this.#index += 1;
    const place = { index: logIndex(this.#index), term: term(1), kind: entryKinds.command };
    const origin = { session: 0, sequence: 0, ackedBelow: 0 };
    const outcome = this.#state.apply(frameEntry(place, origin, encodeCommand(command), crc32));
    if (outcome.kind === 'txn' && outcome.transaction !== undefined) this.#told.push(outcome.transaction);
    this.#state.persist();
  }

  txn(success: readonly Operation[]): Promise<void> {
    return this.apply({ kind: 'txn', wallMs: this.#index, fenceTerm: undefined, request: { compare: [], success } });
  }

  async write(random: Dice): Promise<void> {
    const keys = new Set(Array.from({ length: 1 + random.below(4) }, () => `/k${random.below(12)}`));
    await this.txn(
      [...keys].map((key) =>
        random.below(5) === 0
          ? { kind: 'delete', from: key }
          : { kind: 'put', key, value: Buffer.alloc(random.below(200), `${key} ${this.#index} `) },
      ),
    );
    if (random.below(8) === 0) await this.#state.writer.idle();
  }

  async compact(random: Dice): Promise<void> {
    const { revision: present, compactRevision } = this.#state.machine.space;
    if (present <= compactRevision) return;
    await this.apply({ kind: 'compact', to: revision(compactRevision + 1 + random.below(present - compactRevision)) });
    if (random.below(2) === 0) await this.check();
  }

  settle(): Promise<void> {
    return this.#state.writer.settle();
  }

  /** What was handed to LevelDB is all that is left. */
  async killAndLoad(): Promise<void> {
    await this.#state.writer.idle();
    await this.#database.close();
    await this.#load();
  }

  async stopAndLoad(): Promise<void> {
    await this.#state.close();
    await this.#load();
  }

  /** Goes on with what a snapshot makes elsewhere. */
  async copy(form: SnapshotForm, path: string): Promise<void> {
    const take = form === 'files' ? SnapshotSource.ofFiles : SnapshotSource.ofRecords;
    const source = await this.#state.writer.betweenWrites(() => take(this.#database));
    if (source === undefined) return;
    const { database, salvaged, ...loaded } = await importSnapshot(source.stream(), path);
    expect(salvaged).toBeUndefined();
    await source.close();
    await this.#state.close();
    this.#path = path;
    this.#database = database;
    this.#state = this.#begin(loaded);
    await this.check();
  }

  /** From `from` to the present, as the disk tells it. */
  async history(from: number): Promise<Transaction[]> {
    const { revision: present } = this.#state.machine.space;
    const found: Transaction[] = [];
    while (from + found.length <= present)
      found.push(...(await readHistory(this.#database, from + found.length, present, 7)));
    return found;
  }

  async check(): Promise<void> {
    await this.#state.writer.idle();
    const { space } = this.#state.machine;
    const first = Math.max(2, space.compactRevision);
    expect(await this.history(first)).toEqual(this.#told.slice(first - 2));
    for (let at = first; at <= space.revision; at += 5)
      expect(await this.#state.history.stateAt(everything, revision(at))).toEqual(this.#stateAt(at));
  }

  #stateAt(at: number): unknown[] {
    const kvs = new Map<string, unknown>();
    for (const { events } of this.#told.slice(0, at - 1))
      for (const event of events)
        if (event.kind === 'put') kvs.set(event.kv.key, event.kv);
        else kvs.delete(event.key);
    return [...kvs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kv]) => kv);
  }

  async #load(): Promise<void> {
    this.#database = await StateDatabase.open(this.#path);
    this.#state = this.#begin(await loadMachine(this.#database));
    await this.check();
  }

  #begin(loaded: LoadedMachine | undefined): AppliedState {
    const base = foundingBase(emptyConfiguration);
    const [machine, start] =
      loaded === undefined ? [new StateMachine(), freshStart(base)] : [loaded.machine, startOf(loaded)];
    const { timers } = realWorld;
    const inEras = { ...start, eraBytes: this.#eraBytes };
    return new AppliedState(timers, 'cluster', machine, this.#database, inEras, (error) => {
      throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#state.close();
  }
}

/** Numbers that are the same for a seed every time. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 2654435761;
  }

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  weighted<T extends { readonly weight: number }>(choices: readonly T[]): T {
    let at = this.below(choices.reduce((sum, { weight }) => sum + weight, 0));
    for (const choice of choices) {
      at -= choice.weight;
      if (at < 0) return choice;
    }
    throw new RangeError('nothing to choose from');
  }
}
