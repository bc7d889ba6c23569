import type { Metric, Registry } from 'prom-client';

// prom-client counts by itself; these show what was counted elsewhere, e.g. in the consensus thread. It asks a metric for `get` and
// prints what comes back, so no more than that is needed.

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

export interface Counts {
  readonly count: number;
  readonly sum: number;
  /** Cumulative, ascending. */
  readonly buckets: readonly (readonly [upTo: number, count: number])[];
}

abstract class CountedElsewhere {
  readonly name: string;
  readonly help: string;
  readonly aggregator = 'sum';
  abstract readonly type: 'counter' | 'histogram';

  constructor(registry: Registry, name: string, help: string) {
    this.name = name;
    this.help = help;
    registry.registerMetric(this as unknown as Metric);
  }

  abstract samples(): readonly Sample[];

  get(): object {
    const { aggregator, help, name, type } = this;
    return { help, name, type, aggregator, values: this.samples() };
  }

  reset(): void {}
}

/** A counter whose values are kept somewhere else. */
export class CountedSum extends CountedElsewhere {
  readonly type = 'counter';
  readonly #read: () => readonly Sample[];

  constructor(registry: Registry, name: string, help: string, read: () => readonly Sample[]) {
    super(registry, name, help);
    this.#read = read;
  }

  samples(): readonly Sample[] {
    return this.#read();
  }
}

/** A histogram whose buckets are kept somewhere else. */
export class CountedHistogram extends CountedElsewhere {
  readonly type = 'histogram';
  readonly #read: () => Counts | undefined;

  constructor(registry: Registry, name: string, help: string, read: () => Counts | undefined) {
    super(registry, name, help);
    this.#read = read;
  }

  samples(): readonly Sample[] {
    const counts = this.#read();
    if (counts === undefined) return [];
    const { buckets, count, sum } = counts;
    return [
      ...buckets.map(([le, value]) => ({ labels: { le }, value, metricName: `${this.name}_bucket` })),
      { labels: { le: '+Inf' }, value: count, metricName: `${this.name}_bucket` },
      { labels: {}, value: sum, metricName: `${this.name}_sum` },
      { labels: {}, value: count, metricName: `${this.name}_count` },
    ];
  }
}
