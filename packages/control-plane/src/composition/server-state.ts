import type { MemberAddress } from '@berth/store';
import { createEventRecorder, type EventRecorder } from '../loops/event-recorder.ts';
import { storeMetrics } from '../metrics/store-metrics.ts';
import { type ObjectCache, openObjectCache } from '../registry/object-cache.ts';
import { createRegistry, type ObjectEngine } from '../registry/object-engine.ts';
import type { ServerGround } from './server-ground.ts';
import { type ServerReadiness, serverReadiness } from './server-readiness.ts';
import type { OpenServerStore, ServerStore } from './server-store.ts';

/** What a server knows: the key space, every object of it parsed once, and the rules by which objects change. */
export interface ServerState extends ServerStore {
  /** This server as the others know it. */
  readonly self: MemberAddress;
  readonly cache: ObjectCache;
  readonly registry: ObjectEngine;
  readonly events: EventRecorder;
  readonly readiness: ServerReadiness;
}

export async function openState(
  ground: ServerGround,
  openStore: OpenServerStore,
  starting: AsyncDisposableStack,
): Promise<ServerState> {
  const { addresses, home, log, loopMetrics, metrics, world } = ground;
  const opened = await openStore(ground);
  const store = starting.use(opened.store);
  storeMetrics(metrics, store);
  const onRestart = (reason: string): void => log.warn({ reason }, 'the object cache lists anew');
  const cache = starting.use(openObjectCache({ store, world, onRestart }));
  const { podCidr, serviceCidr } = home.settings;
  const registry = createRegistry({ store, world, cache, podCidr, serviceCidr });
  const events = starting.use(createEventRecorder({ registry, world, log, metrics: loopMetrics }));
  const readiness = starting.use(serverReadiness({ store, cache, world }));
  const self: MemberAddress = { memberId: opened.memberId, ...addresses };
  return { ...opened, self, cache, registry, events, readiness };
}
