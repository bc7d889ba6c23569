interface Quantity {
  readonly what: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly gate: number;
  readonly target: number;
}

/** Measured on both engines, pair by pair; gate and target are of Berth's figure to etcd's. */
export interface Comparison extends Quantity {
  readonly kind: 'comparison';
  readonly pairs: readonly Pair[];
}

/** Gate and target are of Berth's own figure; that of etcd, where there is one, stands beside it. */
export interface OwnFigure extends Quantity {
  readonly kind: 'own';
  readonly berth: readonly number[];
  readonly etcd: readonly number[];
}

export type Row = Comparison | OwnFigure;

export interface Pair {
  readonly berth: number;
  readonly etcd: number;
}

export function ratioOf({ berth, etcd }: Pair): number {
  return berth / etcd;
}

/** The median of the figures that are judged decides. */
export function isMet(row: Row): boolean {
  const decisive = median(row.kind === 'comparison' ? row.pairs.map(ratioOf) : row.berth);
  return row.better === 'lower' ? decisive <= row.gate : decisive >= row.gate;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
