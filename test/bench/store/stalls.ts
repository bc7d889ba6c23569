import { setTimeout as pause } from 'node:timers/promises';
import { BerthEngine } from './berth-engine.ts';
import { size } from './engine.ts';
import type { Bench, Part } from './part.ts';
import type { Row } from './row.ts';
import { WriteStream } from './write-stream.ts';

const stallMs = 500;
const restMs = 900;
const newsMs = 1_500;
/** A client that asks now and then is enough to see. */
const writePauseMs = 200;

interface Seen {
  /** Whoever asked for them. */
  readonly elections: number;
  /** Those of them that a leader asked for. */
  readonly handOvers: number;
  readonly campaigns: number;
}

/** What half a second of standing still may cost: nothing. */
export const stalls: Part = {
  name: 'stalls',
  about: 'elections when a process stands still for 500 ms (Berth alone)',
  extent: (extent) => `${extent.stalls} stalls of each kind`,
  async measure(bench) {
    await using berth = await BerthEngine.start({ folder: bench.folder });
    await using _writes = new WriteStream(berth.endpoints, writePauseMs);
    await pause(newsMs);
    return await stallRows(berth, bench);
  },
};

async function stallRows(berth: BerthEngine, { extent, tell }: Bench): Promise<Row[]> {
  let before = await seen(berth);
  const begin = before;
  let longestMs = 0;
  for (let trial = 1; trial <= extent.stalls; trial++) {
    const leader = await berth.leader();
    longestMs = Math.max(longestMs, await stopped(berth, leader));
    await berth.ask(leader, { kind: 'block', ms: stallMs });
    await pause(restMs);
    for (let other = 1; other < size; other++)
      longestMs = Math.max(longestMs, await stopped(berth, (leader + other) % size));
    if (trial % 10 !== 0 && trial !== extent.stalls) continue;
    await pause(newsMs);
    const now = await seen(berth);
    const elections = `${now.elections - before.elections} elections, ${now.campaigns - before.campaigns} campaigns`;
    const changes = `${elections}, ${now.handOvers - before.handOvers} of them hand-overs`;
    tell(`stalls: ${trial} of ${extent.stalls}; in the last of them ${changes}; longest ${longestMs.toFixed(0)} ms`);
    before = now;
  }
  const own = { kind: 'own', unit: '', better: 'lower', gate: 0, target: 0, etcd: [] } as const;
  const each = `${extent.stalls} x (leader stopped, its edge blocked, each follower stopped) for ${stallMs} ms`;
  return [
    { ...own, what: `elections in ${each}`, berth: [before.elections - begin.elections] },
    { ...own, what: 'campaigns and attempts at one meanwhile', berth: [before.campaigns - begin.campaigns] },
  ];
}

/** How long it really stood still: on a busy machine this process wakes late, too. */
async function stopped(berth: BerthEngine, member: number): Promise<number> {
  const beganMs = performance.now();
  berth.freeze(member);
  await pause(stallMs);
  berth.thaw(member);
  const lastedMs = performance.now() - beganMs;
  await pause(restMs);
  return lastedMs;
}

/** Campaigns, and attempts at one: because nothing was heard from the leader. */
async function seen(berth: BerthEngine): Promise<Seen> {
  let [elections, handOvers, campaigns] = [0, 0, 0];
  for (let member = 0; member < size; member++) {
    const notices = ((await berth.ask(member, { kind: 'notices' })) ?? {}) as Readonly<Record<string, number>>;
    elections += notices['election-won'] ?? 0;
    handOvers += notices['campaign-started transfer'] ?? 0;
    campaigns += notices['campaign-started timeout'] ?? 0;
  }
  return { elections, handOvers, campaigns };
}
