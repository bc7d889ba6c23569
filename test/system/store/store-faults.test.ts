import { appendFile, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Dwelling,
  type MemberProcess,
  ProcessCluster,
} from '../../../packages/store/test/embedded/process-cluster.ts';
import { Clients } from './client-history.ts';
import { MemberNetwork } from './member-network.ts';

/** As in production. */
const timings = { tickMs: 50, heartbeatMs: 100, electionMs: 1000 };
let shared: ProcessCluster;
beforeAll(async () => {
  shared = await ProcessCluster.start(3, { timings });
});
afterAll(() => shared[Symbol.asyncDispose]());

describe('members that are processes of their own, under clients whose history is proven', () => {
  test('SIGKILL of the leader, again and again: writes go on in under two seconds, each is done once', async () => {
    const cluster = shared;
    const clients = new Clients(cluster.members);
    for (let round = 0; round < 3; round++) {
      await clients.progress(10);
      const leader = await cluster.leader();
      await leader.kill();
      await clients.progress(5, others(cluster, leader));
      await leader.start();
    }
    await clients.progress(10);
    await clients.check();
    expect(clients.longestGapMs).toBeLessThan(2_000);
  });

  test('SIGSTOP from 50 ms to 10 s: short ones cost no election, long ones no answer that is wrong', async () => {
    const cluster = shared;
    const clients = new Clients(cluster.members);
    await clients.progress(5);
    const before = await term(cluster);
    for (const ms of [50, 200, 500]) {
      const leader = await cluster.leader();
      leader.freeze();
      await pause(ms);
      leader.thaw();
      await clients.progress(3);
    }
    expect(await term(cluster)).toBe(before);
    for (const ms of [3_000, 10_000]) {
      const leader = await cluster.leader();
      const thawMs = performance.now() + ms;
      leader.freeze();
      const rest = others(cluster, leader);
      await cluster.leader(rest);
      await clients.progress(5, rest);
      await pause(thawMs - performance.now());
      leader.thaw();
      await clients.progress(5);
    }
    expect(await term(cluster)).toBeGreaterThan(before as number);
    await clients.check();
  });

  test('a leader that stands still again and again hands over before it is taken for dead', async () => {
    const cluster = shared;
    const clients = new Clients(cluster.members);
    await clients.progress(5);
    const before = (await term(cluster)) as number;
    const slow = await cluster.leader();
    while ((await slow.ask({ kind: 'leads' })) === 'leader') {
      slow.freeze();
      await pause(400);
      slow.thaw();
      await pause(300);
    }
    expect(await slow.ask({ kind: 'lag-abdications' })).toBe(1);
    await clients.progress(5);
    // Told once a second.
    while ((await term(cluster)) === before) await pause(20);
    expect(await term(cluster)).toBe(before + 1);
    await clients.check();
  });

  test('torn files after all were killed: nothing acknowledged is missing', async () => {
    const cluster = shared;
    const clients = new Clients(cluster.members);
    for (let round = 0; round < 2; round++) {
      await clients.progress(20);
      await Promise.all(cluster.members.map((member) => member.kill()));
      const torn = cluster.members[round] as MemberProcess;
      await tearJournals(torn.options.dataDirectory);
      await Promise.all(cluster.members.map((member) => member.start()));
      await clients.progress(5);
    }
    await clients.check();
  });

  test('cuts between the members, both ways and one way, and slow links', async () => {
    await using network = await MemberNetwork.create(3);
    const dwelling = (index: number): Dwelling => ({ host: network.address(index), launch: network.launcher(index) });
    await using cluster = await ProcessCluster.start(3, { timings, dwelling });
    const clients = new Clients(cluster.members);
    await clients.progress(10);
    const leader = await cluster.leader();
    const cutOff = cluster.members.indexOf(leader);
    await network.isolate(cutOff);
    await clients.progress(10, others(cluster, leader));
    await network.cut([]);
    await clients.progress(5);
    const next = cluster.members.indexOf(await cluster.leader());
    await network.cut([[next, (next + 1) % 3]]);
    await pause(2_000);
    await network.cut([]);
    await clients.progress(5);
    await network.delay(20);
    await clients.progress(10);
    await clients.check();
  });
});

function others(cluster: ProcessCluster, member: MemberProcess): MemberProcess[] {
  return cluster.members.filter((other) => other !== member);
}

async function term(cluster: ProcessCluster): Promise<unknown> {
  return await (await cluster.leader()).ask({ kind: 'term' });
}

/** What a power cut may leave behind: of what was not synced only the beginning, and of the write under way some of its bytes. */
async function tearJournals(dataDirectory: string): Promise<void> {
  const journals = async (folder: string): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith('.log')).map((name) => join(folder, name));
  // A member that had to be given a snapshot has its state in another folder than at first.
  const states = (await readdir(dataDirectory)).filter((name) => /^state-\d+$/.test(name));
  for (const state of states)
    for (const file of await journals(join(dataDirectory, state)))
      await truncate(file, Math.floor((await stat(file)).size / 2));
  for (const file of await journals(join(dataDirectory, 'log'))) await appendFile(file, Buffer.alloc(200, 0x5a));
}
