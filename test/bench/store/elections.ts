import { setTimeout as pause } from 'node:timers/promises';
import { fill, withBoth } from './both-engines.ts';
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
  about: `elections at ${loadPart * 100} % of saturation, the leader stopped for ${pauseMs} ms every ${pauseEveryMs / 1000} s`,
  extent: ({ electionMinutes }) => `${electionMinutes} minutes, both engines at once`,
  async measure(bench) {
    const [berth = [], etcd = []] = await withBoth(bench, (engines) => ofEach([engines.berth, engines.etcd], bench));
    const what = `elections in ${bench.extent.electionMinutes} min at ${loadPart * 100} % load, leader stopped for ${pauseMs} ms every ${pauseEveryMs / 1000} s`;
    return [{ kind: 'own', what, unit: '', better: 'lower', gate: 0, target: 0, berth, etcd }];
  },
};

/** In the same minutes, each at a part of what it reaches while the other is at work, too. */
async function ofEach(engines: readonly Engine[], bench: Bench): Promise<number[][]> {
  for (const engine of engines) await fill(engine, 256);
  const saturations = await Promise.all(engines.map((engine) => saturationOf(engine, bench)));
  // Not all in the same moment: each has to bear what another catches up after its own.
  const apartMs = pauseEveryMs / engines.length;
  return await Promise.all(
    engines.map(async (engine, i) => [await electionsUnderLoad(engine, saturations[i] as number, apartMs * i, bench)]),
  );
}

async function saturationOf(engine: Engine, { extent: { warmUpMs, runMs } }: Bench): Promise<number> {
  const plan = { kind: 'write', clients, valueBytes: 256, warmUpMs, runMs, ratePerSecond: undefined } as const;
  return (await load(engine, plan)).requestsPerSecond;
}

async function electionsUnderLoad(
  engine: Engine,
  saturation: number,
  firstPauseMs: number,
  { extent, tell }: Bench,
): Promise<number> {
  const ratePerSecond = saturation * loadPart;
  const runMs = extent.electionMinutes * 60_000;
  const before = await engine.term();
  const loaded = load(engine, {
    kind: 'write',
    clients,
    valueBytes: 256,
    warmUpMs: extent.warmUpMs,
    runMs,
    ratePerSecond,
  });
  const endMs = performance.now() + runMs;
  await pause(firstPauseMs);
  while (performance.now() + pauseEveryMs < endMs) {
    const leader = await engine.leader();
    engine.freeze(leader);
    await pause(pauseMs);
    engine.thaw(leader);
    await pause(pauseEveryMs - pauseMs);
  }
  const { requestsPerSecond: reached, p99Ms, failures } = await loaded;
  const elected = (await engine.term()) - before;
  const load90 = `${reached.toFixed(0)} writes/s of ${saturation.toFixed(0)}/s`;
  tell(`${engine.name}: ${elected} elections; ${load90}, p99 ${p99Ms.toFixed(0)} ms, ${failures} failures`);
  return elected;
}
