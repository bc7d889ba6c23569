import { setTimeout as pause } from 'node:timers/promises';
import { fill, inPairs, withBoth } from './both-engines.ts';
import type { Engine } from './engine.ts';
import { load } from './load.ts';
import type { Bench, Part } from './part.ts';

const clients = 64;
const loadPart = 0.9;
const pauseMs = 300;
const pauseEveryMs = 10_000;

/** Whether a leader under heavy load that stands still now and then keeps its office. */
export const elections: Part = {
  name: 'elections',
  about: `elections at ${loadPart * 100} % of an engine's own saturation, its leader stopped for ${pauseMs} ms every ${pauseEveryMs / 1000} s`,
  extent: ({ electionMinutes }) => `${electionMinutes} minutes of each engine`,
  async measure(bench) {
    const measured = await withBoth(bench, async (engines) => {
      for (const engine of [engines.berth, engines.etcd]) await fill(engine, 256);
      return await inPairs(engines, 1, (engine) => electionsUnderLoad(engine, bench));
    });
    const what = `elections in ${bench.extent.electionMinutes} min at ${loadPart * 100} % load, leader stopped for ${pauseMs} ms every ${pauseEveryMs / 1000} s`;
    const [berth, etcd] = [measured.map((each) => each.berth), measured.map((each) => each.etcd)];
    return [{ kind: 'own', what, unit: '', better: 'lower', gate: 0, target: 0, berth, etcd }];
  },
};

async function electionsUnderLoad(engine: Engine, { extent, tell }: Bench): Promise<number> {
  const { warmUpMs, runMs, electionMinutes } = extent;
  const plan = { kind: 'write', clients, valueBytes: 256, warmUpMs } as const;
  const { requestsPerSecond } = await load(engine, { ...plan, runMs, ratePerSecond: undefined });
  const before = await engine.term();
  const lastsMs = electionMinutes * 60_000;
  const loaded = load(engine, { ...plan, runMs: lastsMs, ratePerSecond: requestsPerSecond * loadPart });
  const endMs = performance.now() + lastsMs;
  while (performance.now() + pauseEveryMs < endMs) {
    await pause(pauseEveryMs - pauseMs);
    const leader = await engine.leader();
    engine.freeze(leader);
    await pause(pauseMs);
    engine.thaw(leader);
  }
  const { requestsPerSecond: reached, p99Ms, failures } = await loaded;
  const elected = (await engine.term()) - before;
  const load90 = `${reached.toFixed(0)} writes/s of ${requestsPerSecond.toFixed(0)}/s`;
  tell(`${engine.name}: ${elected} elections; ${load90}, p99 ${p99Ms.toFixed(0)} ms, ${failures} failures`);
  return elected;
}
