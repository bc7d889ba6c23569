import type { Leadership, Store } from '@berth/store';
import type { World } from '@berth/world';
import type { HealthCheck, Readiness } from '../http/readiness.ts';
import type { ObjectCache } from '../registry/object-cache.ts';

/** The event loop must have come round within this time; beyond it the process is stuck and only a restart helps. */
const stuckAfterMs = 10_000;
const beatMs = 500;

export interface ServerReadiness extends Readiness, Disposable {}

export interface ServerReadinessOptions {
  readonly store: Pick<Store, 'status'>;
  readonly cache: Pick<ObjectCache, 'synced' | 'revision'>;
  readonly world: World;
}

/** What `/livez` and `/readyz` look at, without waiting for anything. */
export function serverReadiness({ store, cache, world }: ServerReadinessOptions): ServerReadiness {
  let lastBeatMs = world.clock.monotonicMs();
  const beat = world.timers.every(beatMs, () => {
    lastBeatMs = world.clock.monotonicMs();
  });
  return {
    live() {
      const silentMs = world.clock.monotonicMs() - lastBeatMs;
      return [check('event-loop', silentMs < stuckAfterMs, `no timer has run for ${Math.round(silentMs)} ms`)];
    },
    ready() {
      const { leadership } = store.status();
      const why = leadership.kind === 'leaderless' ? leadership.reason : '';
      return [
        membership(leadership),
        check('store-has-leader', leadership.kind !== 'leaderless', why),
        check('cache-synced', cache.synced, 'the first listing of all objects is not complete'),
      ];
    },
    [Symbol.dispose]: () => beat[Symbol.dispose](),
  };
}

/** Told to everybody: whoever asks this server must turn to another one for good. */
function membership(leadership: Leadership): HealthCheck {
  const name = 'member-of-cluster';
  if (leadership.kind !== 'leaderless' || leadership.removed === undefined) return { name, ok: true };
  return { name, ok: false, reason: leadership.reason, disclosed: true };
}

function check(name: string, ok: boolean, reason: string): HealthCheck {
  return ok ? { name, ok } : { name, ok, reason };
}
