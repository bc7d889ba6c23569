import type { Controller, Plan } from '../src/controller.ts';
import { Conflict, type FakeCluster } from './fake-cluster.ts';

/** A key that waits for its controller. */
interface Turn {
  readonly controller: Controller;
  readonly key: string;
}

const turnsMax = 10_000;

/** Controllers over a fake cluster, one reconciliation at a time, in an order that the test may choose. */
export class Loops {
  readonly #cluster: FakeCluster;
  #waiting: Turn[] = [];

  constructor(cluster: FakeCluster, controllers: readonly Controller[]) {
    this.#cluster = cluster;
    cluster.onChange((resource, before, after) => {
      for (const controller of controllers)
        for (const watch of controller.watches)
          if (watch.resource === resource)
            for (const object of [before, after])
              if (object !== undefined) for (const key of watch.keys(object, cluster)) this.#wake({ controller, key });
    });
    for (const controller of controllers)
      for (const key of controller.standingKeys ?? []) this.#wake({ controller, key });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  wakeAll(controller: Controller, ...keys: readonly string[]): void {
    for (const key of keys) this.#wake({ controller, key });
  }

  /** Takes the turn at `index` of the queue. */
  step(index = 0): void {
    const [turn] = this.#waiting.splice(index % this.#waiting.length, 1);
    if (turn === undefined) return;
    try {
      this.#cluster.apply(turn.controller.reconcile(this.#cluster, turn.key, this.#cluster.now));
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      this.#wake(turn);
    }
  }

  /** Until nobody has anything to do. */
  settle(): void {
    for (let turns = 0; this.#waiting.length > 0; turns += 1) {
      if (turns > turnsMax)
        throw new Error(`still busy after ${turnsMax} turns: ${JSON.stringify(this.#waiting[0]?.key)}`);
      this.step();
    }
  }

  #wake(turn: Turn): void {
    const known = this.#waiting.some(({ controller, key }) => controller === turn.controller && key === turn.key);
    if (!known) this.#waiting.push(turn);
  }
}

/** Runs once, applies the plan, and makes sure that a second run has nothing to do. */
export function runTwice(cluster: FakeCluster, controller: Controller, key: string): Plan {
  const plan = controller.reconcile(cluster, key, cluster.now);
  cluster.apply(plan);
  const second = controller.reconcile(cluster, key, cluster.now);
  if (second.writes.length > 0) throw new Error(`the second plan is not empty: ${JSON.stringify(second.writes)}`);
  return plan;
}
