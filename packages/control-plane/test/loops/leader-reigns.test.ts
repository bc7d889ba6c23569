import type { Fence, Leadership } from '@berth/store';
import { expect, test } from 'vitest';
import { duringReigns } from '../../src/loops/leader-reigns.ts';
import { ManualWorld } from './manual-world.ts';

/** Leadership as a test says it is, and a diary of the work done under it. */
class Throne {
  readonly diary: string[] = [];
  readonly world = new ManualWorld();
  readonly #listeners = new Set<(leadership: Leadership) => void>();
  #present: Leadership = { kind: 'leaderless', reason: 'nobody yet' };
  /** Ends of work that wait for `finish`. */
  readonly #ending: (() => void)[] = [];

  onLeadership(listener: (leadership: Leadership) => void): Disposable {
    this.#listeners.add(listener);
    listener(this.#present);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async become(present: Leadership): Promise<void> {
    this.#present = present;
    for (const listener of this.#listeners) listener(present);
    await this.world.quiet();
  }

  readonly start = ({ token }: Fence): AsyncDisposable => {
    this.diary.push(`start ${token}`);
    return {
      [Symbol.asyncDispose]: async () => {
        this.diary.push(`stop ${token}`);
        await new Promise<void>((resolve) => this.#ending.push(resolve));
        this.diary.push(`stopped ${token}`);
      },
    };
  };

  async finish(): Promise<void> {
    this.#ending.shift()?.();
    await this.world.quiet();
  }
}

const leader = (token: string): Leadership => ({ kind: 'leader', fence: { token } });
const nobody: Leadership = { kind: 'leaderless', reason: 'an election' };

test('work runs while this server leads, and once per reign', async () => {
  const throne = new Throne();
  const work = duringReigns(throne, throne.start);
  expect(throne.diary).toEqual([]);
  await throne.become(leader('1'));
  await throne.become(leader('1'));
  expect(throne.diary).toEqual(['start 1']);
  const closing = work[Symbol.asyncDispose]();
  await throne.world.quiet();
  await throne.finish();
  await closing;
  expect(throne.diary).toEqual(['start 1', 'stop 1', 'stopped 1']);
});

test('the next reign begins only when the work of the last has ended', async () => {
  const throne = new Throne();
  duringReigns(throne, throne.start);
  await throne.become(leader('1'));
  await throne.become(nobody);
  await throne.become(leader('2'));
  expect(throne.diary).toEqual(['start 1', 'stop 1']);
  await throne.finish();
  expect(throne.diary).toEqual(['start 1', 'stop 1', 'stopped 1', 'start 2']);
});

test('a reign that is over before it could begin is skipped', async () => {
  const throne = new Throne();
  duringReigns(throne, throne.start);
  await throne.become(leader('1'));
  await throne.become(leader('2'));
  await throne.become(leader('3'));
  await throne.finish();
  expect(throne.diary).toEqual(['start 1', 'stop 1', 'stopped 1', 'start 3']);
});
