import type { Pod } from '@berth/api';
import type { Fence } from '@berth/store';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { Registry, WriteContext } from '../registry/registry.ts';
import { type BindingResult, BindingWriter } from './binding-writer.ts';
import { ClusterFeed, type SchedulingCache } from './cluster-feed.ts';
import { Doorbell } from './doorbell.ts';
import { EvictionWriter } from './eviction-writer.ts';
import { inProcessEngine } from './in-process-engine.ts';
import type { EngineAnswer, PlacementEngine, Preempting, SchedulerChoice, StepRequest } from './placement-engine.ts';
import { RefusalWriter } from './refusal-writer.ts';
import { type SchedulingMetrics, schedulingMetrics } from './scheduling-metrics.ts';
import { workerEngine } from './worker-engine.ts';

/** Something the user should find in the events of a pod. */
export interface SchedulingEvent {
  readonly about: Pod;
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Scheduled' | 'FailedScheduling' | 'Preempted';
  readonly message: string;
}

export interface SchedulingOptions {
  readonly registry: Pick<Registry, 'bind' | 'modify' | 'delete'>;
  readonly cache: SchedulingCache;
  /** The reign under which decisions are made: writes after its end are refused. */
  readonly fence: Fence;
  readonly world: Pick<World, 'clock' | 'timers'>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: MetricsRegistry;
  /** Best effort, never waits. */
  readonly recordEvent: (event: SchedulingEvent) => void;
  /** Default: a thread of its own. */
  readonly engine?: 'thread' | 'in-process';
  readonly schedulers: readonly SchedulerChoice[];
}

/** News handed over at once, so that no hand-over takes long. */
const changesMax = 500;
/** Decisions asked for at once. */
const decisionsMax = 500;
/** The reasons of pods that fit nowhere are brought up to date after this, for so many pods at a time. */
const reviewMs = 2_000;
const reviewsMax = 100;
/** Pause before a scheduler that failed is started again. */
const restartMs = 1_000;

/** Runs the scheduler while this server leads; disposing of it ends it and waits for the writes on their way. */
export function startScheduling(options: SchedulingOptions): AsyncDisposable {
  const loop = new SchedulingLoop(options);
  return { [Symbol.asyncDispose]: () => loop.end() };
}

class SchedulingLoop {
  readonly #options: SchedulingOptions;
  readonly #metrics: SchedulingMetrics;
  readonly #doorbell = new Doorbell();
  readonly #feed: ClusterFeed;
  readonly #bindings: BindingWriter;
  readonly #refusals: RefusalWriter;
  readonly #evictions: EvictionWriter;
  readonly #running: Promise<void>;
  #isEnding = false;
  #hasWork = false;
  #review: Disposable | undefined;
  #isReviewDue = false;

  constructor(options: SchedulingOptions) {
    const { registry, cache, world, fence, log, recordEvent } = options;
    const context: WriteContext = {
      requester: { user: 'system:kube-scheduler', groups: ['system:servers'] },
      cause: 'scheduler',
      fence,
    };
    this.#options = options;
    this.#metrics = schedulingMetrics(options.metrics);
    this.#bindings = new BindingWriter({
      registry,
      world,
      context,
      onResult: (result) => this.#settle(result),
      onReleased: (uid) => this.#feed.release(uid),
    });
    this.#refusals = new RefusalWriter({
      registry,
      world,
      context,
      onWritten: (about, message) => recordEvent({ about, type: 'Warning', reason: 'FailedScheduling', message }),
      onFailed: ({ metadata }, err) =>
        log.warn({ err, pod: metadata.name }, 'the PodScheduled condition was not written'),
    });
    this.#evictions = new EvictionWriter({
      registry,
      world,
      context,
      onEvicted: (about, preemptor, node) => {
        const message = `Preempted by pod ${preemptor.metadata.uid} on node ${node}`;
        recordEvent({ about, type: 'Normal', reason: 'Preempted', message });
      },
      onFailed: ({ metadata }, err) =>
        log.warn({ err, pod: metadata.name }, 'a pod that has to make room was not deleted'),
    });
    this.#feed = new ClusterFeed(cache, {
      onNews: () => this.#doorbell.ring(),
      onAssigned: (uid) => {
        this.#refusals.forget(uid);
        this.#bindings.forget(uid);
      },
      onGone: (uid) => {
        this.#refusals.forget(uid);
        this.#bindings.forget(uid);
        this.#evictions.forget(uid);
      },
    });
    this.#running = this.#run();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    this.#doorbell.ring();
    this.#review?.[Symbol.dispose]();
    this.#feed[Symbol.dispose]();
    await this.#running;
    await Promise.all([this.#bindings.close(), this.#refusals.close(), this.#evictions.close()]);
  }

  /** A scheduler that fails is started again and told everything; bindings on their way are not affected. */
  async #run(): Promise<void> {
    const { log, world } = this.#options;
    while (!this.#isEnding) {
      try {
        await using engine = this.#startEngine();
        await this.#drive(engine);
      } catch (error) {
        log.error({ err: error }, 'the scheduler failed and is started again');
        await world.timers.sleep(restartMs);
        // What is on its way would not be reckoned with by a scheduler that did not decide it.
        await this.#bindings.idle();
        this.#feed.restart();
      }
    }
  }

  #startEngine(): PlacementEngine {
    const { engine = 'thread', schedulers, world } = this.#options;
    return engine === 'thread' ? workerEngine(schedulers) : inProcessEngine(schedulers, world.clock);
  }

  async #drive(engine: PlacementEngine): Promise<void> {
    this.#hasWork = false;
    while (!this.#isEnding) {
      if (!this.#canStep()) await this.#doorbell.wait();
      if (this.#isEnding) return;
      const answer = await engine.step(this.#nextStep());
      this.#hasWork = answer.hasWork;
      this.#carryOut(answer);
      this.#reviewLater(answer);
      this.#measure(answer);
    }
  }

  #canStep(): boolean {
    return !this.#feed.isEmpty || (this.#hasWork && this.#bindings.vacancies > 0) || this.#isReviewDue;
  }

  /** Nothing is decided on half of the news: the other half may hold the node that is free or the pod that is gone. */
  #nextStep(): StepRequest {
    const changes = this.#feed.take(changesMax);
    if (!this.#feed.isEmpty) return { changes, decisions: 0, reviews: 0 };
    const reviews = this.#isReviewDue ? reviewsMax : 0;
    this.#isReviewDue = false;
    return { changes, decisions: Math.min(decisionsMax, this.#bindings.vacancies), reviews };
  }

  /** While pods fit nowhere, their reasons are looked at again every now and then. */
  #reviewLater({ parked }: EngineAnswer): void {
    if (parked === 0 || this.#review !== undefined || this.#isEnding) return;
    this.#review = this.#options.world.timers.after(reviewMs, () => {
      this.#review = undefined;
      this.#isReviewDue = true;
      this.#doorbell.ring();
    });
  }

  #carryOut({ placed, preempting, refused, faults }: EngineAnswer): void {
    for (const fault of faults) this.#options.log.error({ fault }, 'the scheduler leaves an object out');
    for (const { uid, node, devices } of placed) {
      const pod = this.#feed.unassigned(uid);
      // Gone or bound meanwhile: the news of it are on their way to the scheduler.
      if (pod === undefined) continue;
      this.#bindings.bind(pod, node, devices);
    }
    for (const each of preempting) this.#makeRoom(each);
    for (const { uid, message } of refused) {
      const pod = this.#feed.unassigned(uid);
      if (pod !== undefined) this.#refusals.tell(pod, { message });
    }
  }

  #makeRoom({ uid, node, victims }: Preempting): void {
    const pod = this.#feed.unassigned(uid);
    if (pod === undefined) return;
    const message = `waits for ${victims.length} pod(s) of lower priority to leave node ${node}`;
    this.#refusals.tell(pod, { message, nominatedNodeName: node });
    for (const victim of victims) {
      const other = this.#feed.pod(victim);
      if (other !== undefined) this.#evictions.evict(other, pod, node);
    }
  }

  #settle({ pod, node, outcome, durationMs, error }: BindingResult): void {
    const { log, recordEvent } = this.#options;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    this.#metrics.bindings.inc({ outcome });
    if (this.#hasWork) this.#doorbell.ring();
    if (outcome !== 'bound') {
      if (outcome === 'failed') log.warn({ err: error, pod: `${namespace}/${name}`, uid }, 'a binding failed');
      return;
    }
    this.#metrics.bindingSeconds.observe(durationMs / 1000);
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    recordEvent({ about: pod, type: 'Normal', reason: 'Scheduled', message });
  }

  #measure({ placed, preempting, refused, pending, parked, decisionMs }: EngineAnswer): void {
    const decided = placed.length + preempting.length + refused.length;
    this.#metrics.decisions.inc({ result: 'placed' }, placed.length);
    this.#metrics.decisions.inc({ result: 'preempting' }, preempting.length);
    this.#metrics.decisions.inc({ result: 'unschedulable' }, refused.length);
    this.#metrics.pods.set({ queue: 'pending' }, pending);
    this.#metrics.pods.set({ queue: 'unschedulable' }, parked);
    if (decided > 0) this.#metrics.decisionSeconds.observe(decisionMs / 1000 / decided);
  }
}
