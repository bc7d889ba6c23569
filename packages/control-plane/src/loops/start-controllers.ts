import { allControllers, type Controller, type ControllerSettings, type EventDraft } from '@berth/controllers';
import type { Fence } from '@berth/store';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import { AwakeWatch } from './awake-watch.ts';
import { ClusterView } from './cluster-view.ts';
import { ControlLoop, type Reign } from './control-loop.ts';
import type { EventReport, RecordEvent } from './event-report.ts';
import type { LoopMetrics } from './loop-metrics.ts';
import type { ApiServers, LoopCache, LoopRegistry, NodeSessions } from './loop-ports.ts';
import { LoopTurns } from './loop-turns.ts';

export interface ControllersOptions {
  readonly registry: LoopRegistry;
  readonly cache: LoopCache;
  readonly sessions: NodeSessions;
  readonly apiServers: ApiServers;
  /** Of the reign in which these loops run; every write carries it. */
  readonly fence: Fence;
  readonly world: World;
  readonly log: Logger;
  readonly metrics: LoopMetrics;
  readonly recordEvent: RecordEvent;
  readonly settings: ControllerSettings;
  /** Default: all of `@berth/controllers`. */
  readonly controllers?: readonly Controller[];
}

/** The edge shares this thread: after so long others get their turn. */
const sliceMs = 5;
/** Pause before asking the store again for its newest revision. */
const catchUpRetryMs = 200;

/**
 * Runs every control loop for one reign of this server. They begin once the cache shows everything that was acknowledged under
 * earlier leaders, and end by themselves when the store says that another leader reigns. Disposing waits for the writes
 * that are under way; after it nothing more is written.
 */
export function startControllers(options: ControllersOptions): AsyncDisposable {
  const { cache, log, sessions, world } = options;
  const ending = new AbortController();
  const view = new ClusterView(options);
  const awake = new AwakeWatch(world);
  const reign: Reign = {
    ...options,
    view,
    awake,
    signal: ending.signal,
    announce: (loop, event) => options.recordEvent(reportOf(loop, event)),
    catchUp: () => catchUp(options, ending.signal),
    end() {
      if (ending.signal.aborted) return;
      log.info('another leader reigns: the control loops end');
      ending.abort(new Error('another leader reigns'));
    },
  };
  const loops: ControlLoop[] = [];
  const turns = new LoopTurns(world, loops);
  const listening = new DisposableStack();
  const running = run().catch((error: unknown) => {
    if (!ending.signal.aborted) log.error({ err: error }, 'the control loops did not start');
  });

  async function run(): Promise<void> {
    await reign.catchUp();
    for (const controller of options.controllers ?? allControllers(options.settings))
      loops.push(new ControlLoop(controller, reign, () => turns.wake()));
    listening.use(cache.onChange((change) => offerToAll(loops, change)));
    listening.use(
      sessions.onChange((nodeName) => {
        for (const loop of loops) loop.nodeSessionChanged(nodeName);
      }),
    );
    await offerEverything(options, loops, ending.signal);
  }

  return {
    async [Symbol.asyncDispose]() {
      ending.abort(new Error('the control loops are stopped'));
      await running;
      listening.dispose();
      turns[Symbol.dispose]();
      await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()));
      awake[Symbol.dispose]();
      view[Symbol.dispose]();
    },
  };
}

function offerToAll(loops: readonly ControlLoop[], change: Parameters<ControlLoop['offer']>[0]): void {
  for (const loop of loops) loop.offer(change);
}

/** What exists already is new to these loops. In slices: there may be a hundred thousand objects. */
async function offerEverything(
  { cache, settings, world }: ControllersOptions,
  loops: readonly ControlLoop[],
  signal: AbortSignal,
): Promise<void> {
  let sliceEndsMs = world.clock.monotonicMs() + sliceMs;
  for (const { resource } of settings.kinds) {
    for (const after of cache.list(resource)) {
      offerToAll(loops, { resource, after });
      if (world.clock.monotonicMs() < sliceEndsMs) continue;
      await world.timers.sleep(0, signal);
      sliceEndsMs = world.clock.monotonicMs() + sliceMs;
    }
  }
}

/** A linearizable read tells how far the store is; then the cache must get there. */
async function catchUp({ cache, log, registry, world }: ControllersOptions, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      const { revision } = await registry.list('namespaces', undefined, { kind: 'linearizable' });
      return await cache.waitFor(revision, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, 'the control loops wait for the store');
      await world.timers.sleep(catchUpRetryMs, signal);
    }
  }
}

function reportOf(loop: string, { about, type, reason, message }: EventDraft): EventReport {
  const { apiVersion, kind, metadata } = about;
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    about: { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid, resourceVersion },
    type,
    reason,
    message,
    component: `${loop}-controller`,
  };
}
