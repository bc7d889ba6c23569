import { join } from 'node:path';
import { BerthEngine } from './berth-engine.ts';
import type { Engine, EngineSite } from './engine.ts';
import { EtcdEngine } from './etcd-engine.ts';
import { load } from './load.ts';
import type { Pair } from './row.ts';

export interface BothEngines {
  readonly berth: BerthEngine;
  readonly etcd: EtcdEngine;
}

/** Fresh clusters of both, for as long as the measurement takes. */
export async function withBoth<T>(site: EngineSite, measure: (engines: BothEngines) => Promise<T>): Promise<T> {
  await using berth = await BerthEngine.start({ ...site, folder: join(site.folder, 'berth') });
  await using etcd = await EtcdEngine.start({ ...site, folder: join(site.folder, 'etcd') });
  return await measure({ berth, etcd });
}

/** The same 100,000 keys for both to begin with. */
export async function fill(engine: Engine, valueBytes: number): Promise<void> {
  await load(engine, { kind: 'fill', clients: 8, ratePerSecond: undefined, warmUpMs: 0, runMs: 1, valueBytes }, 1);
}

/** Measures both, in the order A B B A A B ..., so that what changes with time falls on both alike. */
export async function inPairs<T>(
  { berth, etcd }: BothEngines,
  count: number,
  measure: (engine: BerthEngine | EtcdEngine) => Promise<T>,
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
