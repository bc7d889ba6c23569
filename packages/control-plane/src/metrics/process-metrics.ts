import type { World } from '@berth/world';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** The registry of one server: never the library's global one, as several servers may share a process. */
export function createMetrics(world: World): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const startedMs = world.clock.monotonicMs();
  new Gauge({
    name: 'berth_server_uptime_seconds',
    help: 'Seconds since this server started.',
    registers: [registry],
    collect() {
      this.set((world.clock.monotonicMs() - startedMs) / 1000);
    },
  });
  return registry;
}
