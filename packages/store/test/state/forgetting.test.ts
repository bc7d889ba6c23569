import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { History } from '../../src/embedded/history.ts';
import { prefixRange } from '../../src/index.ts';
import { boundedRange } from '../../src/key-range.ts';
import { revision } from '../../src/revision.ts';
import { forgetHistory } from '../../src/state/forgetting.ts';
import { loadMachine } from '../../src/state/load-machine.ts';
import { StateDatabase } from '../../src/state/state-database.ts';
import { recordKeys } from '../../src/state/state-records.ts';
import type { KeyValue } from '../../src/store.ts';
import { keysInUse, openState } from '../state-in-use.ts';
import { testFolder } from '../test-folder.ts';

const folder = await testFolder('forgetting');
const everything = boundedRange(prefixRange('/'));
/** Of each key: several blocks of records to read, and more than one write deletes. */
const rounds = 100;
/** In the middle of the last round: what was written in it is there still. */
const below = (rounds - 1) * keysInUse + 20;
/** The first revision of all is 2, and the first transaction writes the key that changes only once. */
const isLasting = (key: number): boolean => key === keysInUse || 3 + (rounds - 1) * keysInUse + key < below;
const kept = [below, below + 1, below + 40].map(revision);

const path = join(folder, 'full');
const { state, write, writeKey } = await openState(path);
// Changes only once, long before: its value moves.
writeKey(0, keysInUse);
for (let round = 0; round < rounds; round++) write(round);
await state.writer.settle();
await state.writer.idle();
const expected = await statesOf(state.history);
await state.close();

test('the last value of a key is written once, however often it changed in what is forgotten', async () => {
  await using used = await UsedState.copy('once');
  const written: string[] = [];
  used.database.level.on('write', (operations) => {
    for (const { type, key } of operations) if (type === 'put') written.push(String(key));
  });
  await used.forget();
  const expectedWrites = Array.from({ length: keysInUse + 1 }, (_, key) =>
    isLasting(key) ? recordKeys.present(`/k${key}`) : recordKeys.previous(`/k${key}`),
  );
  expect(written.toSorted()).toEqual(expectedWrites.toSorted());
  await used.expectKept();
});

test('everything that was forgotten is gone, and told in bytes', async () => {
  await using used = await UsedState.copy('gone');
  const { historyBytes } = (await used.database.load())?.meta ?? { historyBytes: 0 };
  await used.forget();
  expect(await used.database.oldestHistory()).toBe(below);
  let left = 0;
  for await (const slice of used.database.historyFromEnd(below, Number.MAX_SAFE_INTEGER / 2))
    for (const [, record] of slice) left += record.length;
  expect(used.deletedBytes).toBe(historyBytes - left);
});

// The smaller number of keys makes it forget in parts.
test.each([Number.POSITIVE_INFINITY, 7])(
  'a crash after any of its writes loses nothing that is kept, and the next compaction ends the work (%d keys at once)',
  async (keysAtOnce) => {
    for (let writes = 0; ; writes++) {
      await using used = await UsedState.copy(`crash-${keysAtOnce}-${writes}`);
      const complete = await used.forget({ keysAtOnce, crashAfter: writes });
      await used.expectKept();
      await used.forget({ keysAtOnce });
      await used.expectKept();
      expect(await used.database.oldestHistory()).toBe(below);
      if (!complete) continue;
      expect(writes).toBeGreaterThan(2);
      return;
    }
  },
);

class Crash extends Error {}

/** A copy of the state on disk. */
class UsedState {
  database: StateDatabase;
  deletedBytes = 0;
  readonly #path: string;

  private constructor(copy: string, database: StateDatabase) {
    this.#path = copy;
    this.database = database;
  }

  static async copy(name: string): Promise<UsedState> {
    const copy = join(folder, name);
    await cp(path, copy, { recursive: true });
    return new UsedState(copy, await StateDatabase.open(copy));
  }

  /** Whether it ended before the crash. */
  async forget(options: { keysAtOnce?: number; crashAfter?: number } = {}): Promise<boolean> {
    const { keysAtOnce, crashAfter = Number.POSITIVE_INFINITY } = options;
    const { machine } = (await loadMachine(this.database)) ?? {};
    if (machine === undefined) throw new Error('there is no state');
    let writes = 0;
    const port = {
      database: this.database,
      present: () => machine.space.present,
      exclusively: async (work: () => Promise<void>) => {
        if (writes === crashAfter) throw new Crash();
        writes += 1;
        await work();
      },
      deleted: (bytes: number) => {
        this.deletedBytes += bytes;
      },
    };
    try {
      await forgetHistory(port, (await this.database.oldestHistory()) ?? below, below, keysAtOnce);
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }

  /** As a start finds it. */
  async expectKept(): Promise<void> {
    await this.database.close();
    this.database = await StateDatabase.open(this.#path);
    const { machine } = (await loadMachine(this.database)) ?? {};
    if (machine === undefined) throw new Error('there is no state');
    expect(await statesOf(new History(this.database, machine.space, 0))).toEqual(expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
  }
}

function statesOf(history: History): Promise<(readonly KeyValue[])[]> {
  return Promise.all(kept.map((at) => history.stateAt(everything, at)));
}
