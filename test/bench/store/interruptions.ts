import { setTimeout as pause } from 'node:timers/promises';
import { type BothEngines, fill, inPairs, withBoth } from './both-engines.ts';
import { type Engine, size } from './engine.ts';
import type { Bench, Part } from './part.ts';
import { median, type Row } from './row.ts';
import { WriteStream } from './write-stream.ts';

/** Time for a member that came back to catch up, and for a cluster to calm down. */
const settleMs = 1_500;
const attemptsMax = 5;

/** How long nobody can write when the leader is killed, and when it hands over. */
export const interruptions: Part = {
  name: 'interruptions',
  about: 'how long nobody can write when the leader is killed, and when it hands over',
  extent: ({ kills }) => `${kills} kills and ${transfersFor(kills)} transfers of each engine`,
  measure: (bench) =>
    withBoth(bench, async (engines) => {
      for (const engine of [engines.berth, engines.etcd]) await fill(engine, 256);
      return await interruptionRows(engines, bench);
    }),
};

function transfersFor(kills: number): number {
  return Math.ceil(kills / 2);
}

async function interruptionRows(engines: BothEngines, { extent, tell }: Bench): Promise<Row[]> {
  const { kills } = extent;
  // First, while all members are warm: this is planned.
  const transfers = await inPairs(engines, transfersFor(kills), (engine) =>
    handOver(engine).catch((error: unknown) => {
      // The row is missed; those that were measured stand.
      tell(`a planned transfer failed: ${String(error)}`);
      return Number.POSITIVE_INFINITY;
    }),
  );
  const gaps = await inPairs(engines, kills, killLeader);
  tell(`kills of the leader: ${gaps.map(({ berth, etcd }) => `${berth.toFixed(0)}/${etcd.toFixed(0)}`).join(' ')} ms`);
  const of = (pick: (values: readonly number[]) => number): { berth: number; etcd: number }[] => [
    { berth: pick(gaps.map(({ berth }) => berth)), etcd: pick(gaps.map(({ etcd }) => etcd)) },
  ];
  const common = { kind: 'comparison', unit: 'ms', better: 'lower' } as const;
  return [
    {
      ...common,
      what: `no writes after SIGKILL of the leader, median of ${kills}`,
      gate: 1.2,
      target: 1,
      pairs: of(median),
    },
    {
      ...common,
      what: `no writes after SIGKILL of the leader, worst of ${kills}`,
      gate: 1.5,
      target: 1,
      pairs: of((values) => Math.max(...values)),
    },
    { ...common, what: 'planned transfer: longest gap between writes', gate: 2, target: 1, pairs: transfers },
  ];
}

async function killLeader(engine: Engine): Promise<number> {
  await using stream = new WriteStream(engine.endpoints);
  await pause(settleMs);
  const leader = await engine.leader();
  const killedMs = performance.now();
  await engine.kill(leader);
  const gap = await stream.nextWriteMs(killedMs);
  await engine.start(leader);
  return gap;
}

async function handOver(engine: Engine): Promise<number> {
  await using stream = new WriteStream(engine.endpoints);
  await pause(settleMs);
  const leader = await engine.leader();
  const beganMs = performance.now();
  await transfer(engine, leader);
  await pause(settleMs);
  return stream.longestGapMs(beganMs);
}

/** An heir that is not quick enough on a busy machine is asked again; what that costs counts. */
async function transfer(engine: Engine, leader: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await engine.transfer(leader, (leader + 1) % size);
      return;
    } catch (error) {
      if (attempt === attemptsMax) throw error;
    }
  }
}
