import { cp } from 'node:fs/promises';
import { expect } from 'vitest';
import { History } from '../src/embedded/history.ts';
import { prefixRange } from '../src/index.ts';
import { boundedRange } from '../src/key-range.ts';
import type { Revision } from '../src/revision.ts';
import type { ForgettingPort } from '../src/state/forgetting.ts';
import { loadMachine } from '../src/state/load-machine.ts';
import { StateDatabase } from '../src/state/state-database.ts';
import type { KeyValue } from '../src/store.ts';

class Crash extends Error {}

const everything = boundedRange(prefixRange('/'));

/** A copy of a state on disk whose history is to be forgotten. */
export class StateCopy {
  database: StateDatabase;
  deletedBytes = 0;
  readonly #path: string;

  private constructor(path: string, database: StateDatabase) {
    this.#path = path;
    this.database = database;
  }

  static async make(of: string, path: string): Promise<StateCopy> {
    await cp(of, path, { recursive: true });
    return new StateCopy(path, await StateDatabase.open(path));
  }

  /** Whether `forget` ended before the crash, which comes after so many of its writes. */
  async forget(
    forget: (port: ForgettingPort, from: number) => Promise<void>,
    crashAfter: number = Number.POSITIVE_INFINITY,
  ): Promise<boolean> {
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
      await forget(port, (await this.database.oldestHistory()) ?? machine.space.revision);
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }

  /** As a start finds it. */
  async expectStates(at: readonly Revision[], expected: readonly (readonly KeyValue[])[]): Promise<void> {
    await this.database.close();
    this.database = await StateDatabase.open(this.#path);
    const { machine } = (await loadMachine(this.database)) ?? {};
    if (machine === undefined) throw new Error('there is no state');
    expect(await statesOf(new History(this.database, machine.space, 0), at)).toEqual(expected);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.database.close();
  }
}

export function statesOf(history: History, at: readonly Revision[]): Promise<(readonly KeyValue[])[]> {
  return Promise.all(at.map((revision) => history.stateAt(everything, revision)));
}
