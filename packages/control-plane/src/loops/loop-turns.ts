import type { World } from '@berth/world';
import type { ControlLoop } from './control-loop.ts';

/** The edge shares this thread: after so long others get their turn. */
const sliceMs = 5;

/** Gives all loops their turns, one key each in rotation, in slices that leave the thread to others. */
export class LoopTurns implements Disposable {
  readonly #world: World;
  readonly #loops: readonly Pick<ControlLoop, 'step'>[];
  #isScheduled = false;
  #pause: Disposable | undefined;

  constructor(world: World, loops: readonly Pick<ControlLoop, 'step'>[]) {
    this.#world = world;
    this.#loops = loops;
  }

  /** There is something to do. Returns at once: nothing is looked at while a change is still being taken in. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#run());
  }

  [Symbol.dispose](): void {
    this.#isScheduled = true;
    this.#pause?.[Symbol.dispose]();
  }

  #run(): void {
    const { clock, timers } = this.#world;
    const startedMs = clock.monotonicMs();
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const loop of this.#loops) isBusy = loop.step() || isBusy;
      if (isBusy && clock.monotonicMs() - startedMs >= sliceMs) {
        this.#pause = timers.after(0, () => this.#run());
        return;
      }
    }
    this.#isScheduled = false;
  }
}
