import type { Store } from '@berth/store';
import { Gauge, type Registry } from 'prom-client';

/** What every engine can tell; read when somebody scrapes. */
export function storeMetrics(registry: Registry, store: Pick<Store, 'status'>): void {
  const registers = [registry];
  new Gauge({
    name: 'berth_store_revision',
    help: 'Revision of the key space that this server has applied.',
    registers,
    collect() {
      this.set(store.status().revision);
    },
  });
  new Gauge({
    name: 'berth_store_compact_revision',
    help: 'Oldest revision that can still be read.',
    registers,
    collect() {
      this.set(store.status().compactRevision);
    },
  });
  new Gauge({
    name: 'berth_store_has_leader',
    help: '1 while this server knows a leader.',
    registers,
    collect() {
      this.set(store.status().leadership.kind === 'leaderless' ? 0 : 1);
    },
  });
  new Gauge({
    name: 'berth_store_is_leader',
    help: '1 on the server that leads.',
    registers,
    collect() {
      this.set(store.status().leadership.kind === 'leader' ? 1 : 0);
    },
  });
}
