import { Counter, Gauge, Histogram, type Registry as MetricsRegistry } from 'prom-client';

/** What a finished request is counted under; empty texts where a label does not apply. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: '' | 'cluster' | 'namespace' | 'resource';
}

export type RequestKind = 'mutating' | 'readOnly';

/** Metrics of the edge under the names that dashboards for Kubernetes' API server know. */
export interface RequestMetrics {
  finished(labels: RequestLabels, code: number, seconds: number): void;
  /** Sampled when metrics are read; the same below. */
  observeInflight(sample: () => Readonly<Record<RequestKind, number>>): void;
  /** Objects per resource, as this server knows them. */
  observeObjects(sample: () => ReadonlyMap<string, number>): void;
  longRunning(labels: RequestLabels, change: 1 | -1): void;
  /** To be asked for once per watch: the returned function adds to the count. */
  watchEventCounter(kind: {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }): (count: number) => void;
  /** A watcher that read too slowly was dropped. */
  watcherTerminated(resource: string): void;
}

const requestLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const;
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.25, 2, 4, 8, 15, 30, 60];

export function createRequestMetrics(registry: MetricsRegistry): RequestMetrics {
  const registers = [registry];
  const total = new Counter({
    name: 'apiserver_request_total',
    help: 'Requests answered, by verb, resource and HTTP code.',
    labelNames: [...requestLabels, 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Time to answer a request; watches and followed logs are not counted.',
    labelNames: requestLabels,
    buckets: secondsBuckets,
    registers,
  });
  const longRunning = new Gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Open watches and followed logs.',
    labelNames: requestLabels,
    registers,
  });
  const watchEvents = new Counter({
    name: 'apiserver_watch_events_total',
    help: 'Events sent to watchers.',
    labelNames: ['group', 'version', 'kind'],
    registers,
  });
  const terminated = new Counter({
    name: 'apiserver_terminated_watchers_total',
    help: 'Watchers dropped because they read too slowly.',
    labelNames: ['resource'],
    registers,
  });
  return {
    finished(labels, code, seconds) {
      total.inc({ ...labels, code: String(code) });
      if (labels.verb !== 'WATCH') duration.observe({ ...labels }, seconds);
    },
    observeInflight(sample) {
      new Gauge({
        name: 'apiserver_current_inflight_requests',
        help: 'Requests at work, watches and followed logs aside.',
        labelNames: ['request_kind'],
        registers,
        collect() {
          for (const [kind, count] of Object.entries(sample())) this.set({ request_kind: kind }, count);
        },
      });
    },
    observeObjects(sample) {
      new Gauge({
        name: 'apiserver_storage_objects',
        help: 'Stored objects by resource.',
        labelNames: ['resource'],
        registers,
        collect() {
          for (const [resource, count] of sample()) this.set({ resource }, count);
        },
      });
    },
    longRunning: (labels, change) => longRunning.inc({ ...labels }, change),
    watchEventCounter({ group, version, kind }) {
      const counter = watchEvents.labels({ group, version, kind });
      return (count) => counter.inc(count);
    },
    watcherTerminated: (resource) => terminated.inc({ resource }),
  };
}
