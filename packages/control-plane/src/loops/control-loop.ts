import type {
  AnyObject,
  Controller,
  EventDraft,
  Now,
  Plan,
  ReconcileKey,
  Refusal,
  View,
  Write,
} from '@berth/controllers';
import type { Fence } from '@berth/store';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import type { ObjectChange } from '../registry/object-cache.ts';
import type { WriteContext } from '../registry/registry.ts';
import type { AwakeWatch } from './awake-watch.ts';
import { untilSeen } from './cache-barrier.ts';
import type { LoopMetrics, ReconcileResult } from './loop-metrics.ts';
import type { LoopCache, LoopRegistry } from './loop-ports.ts';
import { PlanExecution, type PlanOutcome } from './plan-execution.ts';
import { RetryBackoff } from './retry-backoff.ts';
import { WorkQueue } from './work-queue.ts';

/** What all loops of one reign share. */
export interface Reign {
  readonly registry: LoopRegistry;
  readonly cache: LoopCache;
  readonly view: View;
  readonly world: World;
  readonly fence: Fence;
  readonly log: Logger;
  readonly metrics: LoopMetrics;
  /** Begun with the reign. */
  readonly awake: Pick<AwakeWatch, 'sinceMonotonicMs'>;
  /** Aborted when the reign ends. */
  readonly signal: AbortSignal;
  /** Tells the owner of an object; best effort, never waits. */
  announce(loop: string, event: EventDraft): void;
  /** Resolves when the cache shows everything that was acknowledged to anybody before the call. */
  catchUp(): Promise<void>;
  /** The store says that another leader reigns. */
  end(): void;
}

type KeysOf = (object: AnyObject, view: View) => readonly ReconcileKey[];

/** Keys worked on at once: those that wait for the store leave the processor to others. */
const concurrency = 8;

/**
 * A key that takes long to decide on, such as a service with thousands of pods, then rests ten times as long: meanwhile
 * changes gather, and one look serves them all. It costs at most a tenth of the processor however many changes come.
 */
const longPlanMs = 1;
const restPerPlan = 10;
const longestRestMs = 2_000;

/** Conflicts and an unavailable store pass: a key waits no longer than this, so that all goes on soon afterwards. */
const passingDelayMs = 1_000;

/** Runs one controller: takes keys, asks for a plan, carries it out, and looks again until there is nothing to do. */
export class ControlLoop implements AsyncDisposable {
  readonly name: string;
  readonly #controller: Controller;
  readonly #reign: Reign;
  readonly #queue: WorkQueue;
  readonly #backoff = new RetryBackoff();
  readonly #watches = new Map<string, KeysOf[]>();
  readonly #inWork = new Set<Promise<void>>();
  readonly #onArrival: () => void;
  #shownDepth = 0;

  /** `onArrival` is called when there is something to `step`. */
  constructor(controller: Controller, reign: Reign, onArrival: () => void) {
    this.name = controller.name;
    this.#controller = controller;
    this.#reign = reign;
    this.#onArrival = onArrival;
    this.#queue = new WorkQueue(reign.world, onArrival);
    for (const { resource, keys } of controller.watches)
      this.#watches.set(resource, [...(this.#watches.get(resource) ?? []), keys]);
    for (const key of controller.standingKeys ?? []) this.#queue.add(key);
  }

  /** Wakes the keys that a change concerns. */
  offer({ resource, before, after }: Pick<ObjectChange, 'resource' | 'before' | 'after'>): void {
    for (const keys of this.#watches.get(resource) ?? []) {
      if (before !== undefined) this.#wake(keys(before, this.#reign.view));
      if (after !== undefined) this.#wake(keys(after, this.#reign.view));
    }
    this.#showDepth();
  }

  nodeSessionChanged(nodeName: string): void {
    this.#wake(this.#controller.nodeSessionKeys?.(nodeName) ?? []);
  }

  /** Looks at one key; false when there is none, or enough are in work. */
  step(): boolean {
    if (this.#reign.signal.aborted || this.#queue.working >= concurrency) return false;
    const key = this.#queue.take();
    if (key === undefined) return false;
    this.#showDepth();
    this.#look(key);
    return true;
  }

  /** Takes no more keys, and resolves when the writes under way have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue[Symbol.dispose]();
    await Promise.all(this.#inWork);
    this.#showDepth();
  }

  #wake(keys: readonly string[]): void {
    if (this.#reign.signal.aborted) return;
    for (const key of keys) this.#queue.add(key);
  }

  #look(key: string): void {
    const { clock } = this.#reign.world;
    const startedMs = clock.monotonicMs();
    const plan = this.#plan(key);
    const planMs = clock.monotonicMs() - startedMs;
    this.#reign.metrics.planSeconds.observe({ loop: this.name }, planMs / 1000);
    if (plan === undefined || plan.writes.length === 0) {
      this.#finish(key, plan === undefined ? 'faulty' : 'idle', planMs, plan?.requeueAfterMs);
      return;
    }
    const work = this.#carryOut(key, plan)
      .catch((error: unknown): ReconcileResult => {
        if (!this.#reign.signal.aborted)
          this.#reign.log.error({ loop: this.name, key, err: error }, 'a plan broke off');
        return 'unknown';
      })
      .then((result) => this.#finish(key, result, planMs, plan.requeueAfterMs))
      .finally(() => this.#inWork.delete(work));
    this.#inWork.add(work);
  }

  /** Undefined when the controller itself fails, which is a fault of ours and must not stop the other loops. */
  #plan(key: string): Plan | undefined {
    try {
      return this.#controller.reconcile(this.#reign.view, key, this.#now());
    } catch (error) {
      this.#reign.log.error({ loop: this.name, key, err: error }, 'a controller failed');
      return undefined;
    }
  }

  async #carryOut(key: string, plan: Plan): Promise<ReconcileResult> {
    const { log } = this.#reign;
    const outcome = await this.#execute(plan);
    switch (outcome.kind) {
      case 'done':
      case 'moot':
        return outcome.kind;
      case 'refused':
        log.warn({ loop: this.name, key, reason: outcome.refusal.reason }, outcome.refusal.message);
        await this.#noteRefusal(key, outcome.refusal);
        return 'refused';
      case 'conflict':
        log.debug({ loop: this.name, key, err: outcome.error }, 'the cluster changed meanwhile');
        return 'conflict';
      case 'unavailable':
        log.warn({ loop: this.name, key, err: outcome.error }, 'a write was not possible');
        return 'unavailable';
      case 'unknown':
        log.warn({ loop: this.name, key, err: outcome.error }, 'the outcome of a write is unknown');
        await this.#reign.catchUp();
        return 'unknown';
      case 'fenced':
        this.#reign.end();
        return 'fenced';
      default:
        return unreachable(outcome);
    }
  }

  /** Carries a plan out and waits until the cache shows what it did. */
  async #execute(plan: Plan): Promise<PlanOutcome> {
    const { cache, fence, metrics, registry, signal } = this.#reign;
    const execution = new PlanExecution({
      registry,
      context: this.#context(fence),
      onWritten: (write, name) => {
        metrics.writes.inc({ loop: this.name, kind: write.kind });
        const event = announcementOf(write, name);
        if (event !== undefined) this.#reign.announce(this.name, event);
      },
    });
    const outcome = await execution.run(plan);
    await untilSeen(cache, execution.written, signal);
    return outcome;
  }

  async #noteRefusal(key: string, refusal: Refusal): Promise<void> {
    const plan = this.#controller.refused?.(this.#reign.view, key, this.#now(), refusal);
    if (plan === undefined || plan.writes.length === 0) return;
    const outcome = await this.#execute(plan);
    if (outcome.kind === 'fenced') this.#reign.end();
  }

  #finish(key: string, result: ReconcileResult, planMs: number, requeueAfterMs: number | undefined): void {
    this.#reign.metrics.reconciliations.inc({ loop: this.name, result });
    const { aborted } = this.#reign.signal;
    this.#queue.done(key, planMs < longPlanMs || aborted ? 0 : Math.min(planMs * restPerPlan, longestRestMs));
    if (aborted) return;
    // Others may have waited only because too many keys were in work.
    if (this.#queue.depth > 0) this.#onArrival();
    if (result === 'idle' || result === 'done' || result === 'moot') {
      this.#backoff.forget(key);
      if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs);
      return;
    }
    const mayLast = result === 'refused' || result === 'faulty';
    this.#queue.addAfter(
      key,
      mayLast ? this.#backoff.nextDelayMs(key) : this.#backoff.nextDelayMs(key, passingDelayMs),
    );
  }

  #now(): Now {
    const { clock } = this.#reign.world;
    return {
      wallMs: clock.wallMs(),
      monotonicMs: clock.monotonicMs(),
      hearingSinceMonotonicMs: this.#reign.awake.sinceMonotonicMs,
    };
  }

  #context(fence: Fence): WriteContext {
    return {
      requester: { user: `system:controller:${this.name}`, groups: ['system:servers'] },
      cause: `controller:${this.name}`,
      fence,
    };
  }

  #showDepth(): void {
    const { depth } = this.#queue;
    if (depth === this.#shownDepth) return;
    this.#shownDepth = depth;
    this.#reign.metrics.queueDepth.set({ loop: this.name }, depth);
  }
}

function announcementOf(write: Write, name: string): EventDraft | undefined {
  if (write.kind === 'event') return write;
  const event = 'event' in write ? write.event : undefined;
  return event === undefined || write.kind !== 'create'
    ? event
    : { ...event, message: event.message.replace('{name}', () => name) };
}

function unreachable(value: never): never {
  throw new TypeError(`unknown outcome ${JSON.stringify(value)}`);
}
