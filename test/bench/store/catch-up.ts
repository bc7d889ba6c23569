import { setTimeout as pause } from 'node:timers/promises';
import { BerthEngine } from './berth-engine.ts';
import { fill, inPairs, pairsOf, withBoth } from './both-engines.ts';
import { type Engine, size } from './engine.ts';
import { load } from './load.ts';
import { appliedRevision, hasApplied } from './member-probe.ts';
import { PacedWrites } from './paced-writes.ts';
import type { Bench, Part } from './part.ts';

const valueBytes = 64;
const pacePerSecond = 200;
/** A hundredth of fewer writes than this is not even one. */
const windowMsMin = 2_000;

interface CaughtUp {
  readonly seconds: number;
  /** Of the leader's writes, meanwhile and before. */
  readonly slowdown: number;
}

/** A follower that was away for long, and what it costs the others to bring it back. */
export const catchUp: Part = {
  name: 'catch-up',
  about: 'a follower that is many entries behind, and the writes of the leader meanwhile',
  extent: ({ entries }) =>
    `${entries.toLocaleString('en')} entries of ${valueBytes} B, ${pacePerSecond} writes/s meanwhile`,
  async measure(bench) {
    const measured = await withBoth(bench, async (engines) => {
      for (const engine of [engines.berth, engines.etcd]) await fill(engine, valueBytes);
      return await inPairs(engines, 1, (engine) => followerReturns(engine, bench));
    });
    const entries = bench.extent.entries.toLocaleString('en');
    const slowdowns = pairsOf(measured, ({ slowdown }) => slowdown);
    return [
      {
        kind: 'comparison',
        what: `follower ${entries} entries behind, from its start until all is applied`,
        unit: 's',
        better: 'lower',
        gate: 3,
        target: 1.5,
        pairs: pairsOf(measured, ({ seconds }) => seconds),
      },
      {
        kind: 'own',
        what: 'write p99 at the leader meanwhile / its own p99 before',
        unit: '',
        better: 'lower',
        gate: 3,
        target: 1.5,
        berth: slowdowns.map(({ berth }) => berth),
        etcd: slowdowns.map(({ etcd }) => etcd),
      },
    ];
  },
};

async function followerReturns(engine: Engine, { extent, tell }: Bench): Promise<CaughtUp> {
  const leader = await engine.leader();
  const follower = (leader + 1) % size;
  const endpoint = engine.endpoints[leader] as string;
  await engine.kill(follower);
  const beganMs = performance.now();
  await write(engine, leader, extent.entries);
  const rate = (extent.entries * 1000) / (performance.now() - beganMs);
  tell(`${engine.name}: ${extent.entries} entries written, ${rate.toFixed(0)}/s`);
  await pause(extent.warmUpMs);
  await using writes = new PacedWrites(endpoint, pacePerSecond);
  await pause(extent.warmUpMs + extent.runMs);
  const startMs = performance.now();
  const p99Before = writes.p99Ms(startMs - extent.runMs, startMs);
  const wanted = (await appliedRevision(endpoint)) ?? 0;
  const started = engine.start(follower);
  await hasApplied(engine.endpoints[follower] as string, wanted);
  const doneMs = performance.now();
  await started;
  await pause(Math.max(0, startMs + windowMsMin - doneMs));
  const p99Meanwhile = writes.p99Ms(startMs, Math.max(doneMs, startMs + windowMsMin));
  const seconds = (doneMs - startMs) / 1000;
  tell(
    `${engine.name}: caught up in ${seconds.toFixed(1)} s; p99 ${p99Before.toFixed(1)} -> ${p99Meanwhile.toFixed(1)} ms`,
  );
  return { seconds, slowdown: p99Meanwhile / p99Before };
}

/** As fast as each can: it is not this that is measured. */
async function write(engine: Engine, leader: number, count: number): Promise<void> {
  if (engine instanceof BerthEngine) {
    const drive = { outstanding: 1_000, valueBytes, until: { kind: 'writes', count } } as const;
    await engine.ask(leader, { kind: 'drive', drive });
    return;
  }
  const time = { warmUpMs: 0, runMs: Number.MAX_SAFE_INTEGER, ratePerSecond: undefined };
  await load(engine, { kind: 'write', clients: 1_000, valueBytes, requestsMax: count, ...time });
}
