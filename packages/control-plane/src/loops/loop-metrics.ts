import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How one look at a key ended. */
export type ReconcileResult =
  | 'idle'
  | 'done'
  | 'conflict'
  | 'refused'
  | 'unavailable'
  | 'unknown'
  | 'moot'
  | 'faulty'
  | 'fenced';

/** Names are part of the product: docs list them. Made once per process, for all reigns of its server. */
export interface LoopMetrics {
  readonly queueDepth: Gauge<'loop'>;
  readonly reconciliations: Counter<'loop' | 'result'>;
  readonly planSeconds: Histogram<'loop'>;
  readonly writes: Counter<'loop' | 'kind'>;
  readonly eventsRecorded: Counter;
  readonly eventsDropped: Counter<'cause'>;
}

const planBuckets = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5];

export function loopMetrics(registry: Registry): LoopMetrics {
  const registers = [registry];
  return {
    queueDepth: new Gauge({
      name: 'berth_loop_queue_depth',
      help: 'Keys that wait for their control loop.',
      labelNames: ['loop'],
      registers,
    }),
    reconciliations: new Counter({
      name: 'berth_loop_reconciliations_total',
      help: 'Looks at a key, by how they ended.',
      labelNames: ['loop', 'result'],
      registers,
    }),
    planSeconds: new Histogram({
      name: 'berth_loop_plan_seconds',
      help: 'Time to decide on one key, without the writes that follow.',
      labelNames: ['loop'],
      buckets: planBuckets,
      registers,
    }),
    writes: new Counter({
      name: 'berth_loop_writes_total',
      help: 'Writes that control loops carried out.',
      labelNames: ['loop', 'kind'],
      registers,
    }),
    eventsRecorded: new Counter({
      name: 'berth_events_recorded_total',
      help: 'Events written, repetitions that raised a count included.',
      registers,
    }),
    eventsDropped: new Counter({
      name: 'berth_events_dropped_total',
      help: 'Events that were not written: too many about one object (spam), too many waiting (full), or the write failed.',
      labelNames: ['cause'],
      registers,
    }),
  };
}
