/** One quantity, measured on both engines, pair by pair, and what is promised of it. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Of Berth's figure to etcd's. */
  readonly gate: number;
  readonly target: number;
  readonly pairs: readonly Pair[];
}

export interface Pair {
  readonly berth: number;
  readonly etcd: number;
}

export function ratioOf({ berth, etcd }: Pair): number {
  return berth / etcd;
}

/** The median of the pairs' ratios decides. */
export function isMet({ better, gate, pairs }: Row): boolean {
  const ratio = median(pairs.map(ratioOf));
  return better === 'lower' ? ratio <= gate : ratio >= gate;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
