/** Counts per bucket, for metrics: upper bounds grow by powers of two from 1/16. */
export interface HistogramCounts {
  readonly count: number;
  readonly sum: number;
  /** Observations up to and including the bound, cumulative, as Prometheus wants them. */
  readonly buckets: readonly (readonly [upTo: number, count: number])[];
}

const lowestExponent = -4;
const bucketCount = 20;

/** A histogram cheap enough for every batch; fine enough to see a tail. */
export class Histogram {
  readonly #counts: Uint32Array = new Uint32Array(bucketCount + 1);
  #count = 0;
  #sum = 0;

  observe(value: number): void {
    const exponent = value <= 0 ? lowestExponent : Math.ceil(Math.log2(value));
    const bucket = Math.min(bucketCount, Math.max(0, exponent - lowestExponent));
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#count += 1;
    this.#sum += value;
  }

  counts(): HistogramCounts {
    let below = 0;
    const buckets: [number, number][] = [];
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      below += this.#counts[bucket] as number;
      buckets.push([2 ** (bucket + lowestExponent), below]);
    }
    return { count: this.#count, sum: this.#sum, buckets };
  }
}
