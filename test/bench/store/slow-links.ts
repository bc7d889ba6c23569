import { join } from 'node:path';
import { MemberNetwork } from '../../system/store/member-network.ts';
import { inPairs, pairsOf, withBoth } from './both-engines.ts';
import { size } from './engine.ts';
import { load } from './load.ts';
import type { Bench, Part } from './part.ts';
import type { Row } from './row.ts';

const roundTripsMs = [1, 20, 100];
const clients = 64;

/** Members that are far from each other; the clients are near the leader. */
export const slowLinks: Part = {
  name: 'links',
  about: `members between whom a message and its answer take ${roundTripsMs.join(', ')} ms longer`,
  extent: ({ pairs, runMs, warmUpMs }) => `${pairs} pairs of ${runMs / 1000} s after ${warmUpMs / 1000} s of warm-up`,
  async measure(bench) {
    const rows: Row[] = [];
    for (const roundTripMs of roundTripsMs) rows.push(...(await rowsAt(roundTripMs, bench)));
    return rows;
  },
};

async function rowsAt(roundTripMs: number, { extent, folder, tell }: Bench): Promise<Row[]> {
  const { warmUpMs, runMs, pairs } = extent;
  await using network = await MemberNetwork.create(size);
  await network.delay(roundTripMs / 2);
  const site = {
    folder: join(folder, String(roundTripMs)),
    dwelling: (member: number) => ({ host: network.address(member), launch: network.launcher(member) }),
  };
  return await withBoth(site, async (engines) => {
    const plan = { kind: 'write', valueBytes: 256, ratePerSecond: undefined, warmUpMs, runMs } as const;
    const one = await inPairs(engines, pairs, (engine) => load(engine, { ...plan, clients: 1 }));
    const many = await inPairs(engines, pairs, (engine) => load(engine, { ...plan, clients }));
    const latencies = pairsOf(one, ({ p50Ms }) => p50Ms);
    const rates = pairsOf(many, ({ requestsPerSecond }) => requestsPerSecond);
    const shown = (values: typeof rates): string =>
      values.map(({ berth, etcd }) => `${berth.toFixed(1)}/${etcd.toFixed(1)}`).join(' ');
    tell(`${roundTripMs} ms: p50 ${shown(latencies)} ms, ${shown(rates)} writes/s (Berth/etcd)`);
    const what = `round trips of ${roundTripMs} ms`;
    return [
      {
        kind: 'comparison',
        what: `write p50, 1 client, ${what}`,
        unit: 'ms',
        better: 'lower',
        gate: 2,
        target: 1.3,
        pairs: latencies,
      },
      {
        kind: 'comparison',
        what: `writes, ${clients} clients, ${what}`,
        unit: '/s',
        better: 'higher',
        gate: 0.5,
        target: 0.8,
        pairs: rates,
      },
    ];
  });
}
