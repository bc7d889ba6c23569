import type { Engine } from './engine.ts';
import type { Pair } from './row.ts';

export interface BothEngines {
  readonly berth: Engine;
  readonly etcd: Engine;
}

/** Measures both, in the order A B B A A B ..., so that what changes with time falls on both alike. */
export async function inPairs<T>(
  { berth, etcd }: BothEngines,
  count: number,
  measure: (engine: Engine) => Promise<T>,
): Promise<{ readonly berth: T; readonly etcd: T }[]> {
  const pairs: { berth: T; etcd: T }[] = [];
  for (let pair = 0; pair < count; pair++) {
    if (pair % 2 === 0) {
      const first = await measure(berth);
      pairs.push({ berth: first, etcd: await measure(etcd) });
    } else {
      const first = await measure(etcd);
      pairs.push({ etcd: first, berth: await measure(berth) });
    }
  }
  return pairs;
}

export function pairsOf<T>(
  measured: readonly { readonly berth: T; readonly etcd: T }[],
  part: (outcome: T) => number,
): Pair[] {
  return measured.map(({ berth, etcd }) => ({ berth: part(berth), etcd: part(etcd) }));
}
