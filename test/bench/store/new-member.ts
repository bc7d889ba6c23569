import { fill, inPairs, pairsOf, withBoth } from './both-engines.ts';
import type { Engine } from './engine.ts';
import { fillKeys } from './load-plan.ts';
import { appliedRevision, hasApplied } from './member-probe.ts';
import type { Bench, Part } from './part.ts';

/** A server that comes new to a cluster with a big state. */
export const newMember: Part = {
  name: 'join',
  about: 'a new member of a cluster with a big state',
  extent: ({ stateMiB, pairs }) =>
    `a state of ${stateMiB} MiB in ${fillKeys.toLocaleString('en')} keys, ${pairs} pairs`,
  async measure(bench) {
    const { stateMiB, pairs } = bench.extent;
    const measured = await withBoth(bench, async (engines) => {
      for (const engine of [engines.berth, engines.etcd])
        await fill(engine, Math.round((stateMiB * 2 ** 20) / fillKeys));
      return await inPairs(engines, pairs, (engine) => memberJoins(engine, bench));
    });
    return [
      {
        kind: 'comparison',
        what: `join with ${stateMiB.toLocaleString('en')} MiB of state, until it is a voter and has applied all`,
        unit: 's',
        better: 'lower',
        gate: 3,
        target: 1.5,
        pairs: pairsOf(measured, (seconds) => seconds),
      },
    ];
  },
};

async function memberJoins(engine: Engine, { tell }: Bench): Promise<number> {
  const wanted = (await appliedRevision(engine.endpoints[await engine.leader()] as string)) ?? 0;
  const beganMs = performance.now();
  await engine.join();
  await hasApplied(engine.endpoints.at(-1) as string, wanted);
  const seconds = (performance.now() - beganMs) / 1000;
  tell(`${engine.name}: joined in ${seconds.toFixed(1)} s`);
  await engine.leave();
  return seconds;
}
