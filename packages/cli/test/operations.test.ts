import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ApiClient } from '../src/client/api-client.ts';
import { addMember, changeMember, listMembers, readMembers } from '../src/commands/member.ts';
import { lookForSurvivors, recover } from '../src/commands/recover.ts';
import { inspect, restore, save, verify } from '../src/commands/snapshot.ts';
import { paper } from './cluster-fixture.ts';
import { EmbeddedServers } from './embedded-servers.ts';

// Whole servers with threads of their own, one story in the order of the tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let servers: EmbeddedServers;
beforeAll(async () => {
  servers = await EmbeddedServers.open();
  await (await servers.start('s1')).ready();
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
});

const configMaps = '/api/v1/namespaces/default/configmaps';

async function put(client: ApiClient, name: string): Promise<void> {
  await until(async () => client.json({ method: 'POST', path: configMaps, body: { metadata: { name } } }));
}

/** Until it does not fail any more: a cluster that starts refuses for a moment. */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    const outcome = await attempt().then(
      (value) => ({ value }),
      () => undefined,
    );
    if (outcome !== undefined) return outcome.value;
    await realWorld.timers.sleep(20);
  }
}

async function untilVoters(client: ApiClient, count: number): Promise<void> {
  await until(async () => {
    const { items } = await readMembers(client);
    expect(items.filter(({ role }) => role === 'voter')).toHaveLength(count);
  });
}

test('member add prints the command with which the new member starts, and it becomes a voter by itself', async () => {
  using client = servers.client('s1');
  const terminal = paper();
  await addMember(client, terminal, 's2', 600);
  const { out, err } = terminal.take();
  expect(out).toEqual([
    expect.stringMatching(/^berth server --name s2 --join https:\/\/127\.0\.0\.1:\d+ --token berth1\./),
  ]);
  expect(err).toEqual([expect.stringContaining('It starts as a learner and becomes a voter')]);
  const flags = (out[0] ?? '').split(' ').slice(4);
  await (await servers.start('s2', flags)).ready();
  await untilVoters(client, 2);
  await expect(addMember(client, terminal, 's2')).rejects.toThrow('there is a member s2 already (127.0.0.1:');
});

test('member list shows roles, places and who lags', async () => {
  using client = servers.client('s1');
  const terminal = paper();
  await listMembers(client, terminal);
  const { out } = terminal.take();
  expect(out[0]).toMatch(/^MEMBER +ID +ROLE +ZONE +ADDRESS +BEHIND +STATE$/);
  expect(out[1]).toMatch(/^s1 +1 +leader +127\.0\.0\.1:\d+ +connected$/);
  expect(out[2]).toMatch(/^s2 +2 +voter +127\.0\.0\.1:\d+ +(-|\d+ entries)? +connected$/);
});

test('members change their office, and what cannot be is refused with a sentence', async () => {
  using client = servers.client('s1');
  const terminal = paper();
  await changeMember(client, terminal, 'transfer', 's2');
  expect(terminal.take().out).toEqual(['s2 leads']);
  await until(() => changeMember(client, terminal, 'transfer', 's1'));
  await expect(changeMember(client, terminal, 'demote', 's7')).rejects.toThrow('there is no member "s7"');
});

test('a snapshot is saved, looked at and verified; a damaged one is told from a whole one', async () => {
  using client = servers.client('s1');
  await put(client, 'kept');
  const terminal = paper();
  const file = join(servers.folder, 'a.snapshot');
  await save(client, terminal, file, 'linearizable');
  const saved = terminal.take().out;
  expect(saved.join('\n')).toMatch(
    /File: .*\nSize: .*\nCluster: .*\nRevision: +\d+, history from \d+\n.*\nKeys: .*\nLog: .*\nMembers: +s1, s2/,
  );
  await inspect(terminal, file);
  expect(terminal.take().out).toEqual(saved);
  await verify(terminal, file);
  expect(terminal.take().out.at(-1)).toBe('whole: every record and the state hash verify');
  await writeFile(join(servers.folder, 'b.snapshot'), 'not a snapshot');
  await expect(verify(terminal, join(servers.folder, 'b.snapshot'))).rejects.toThrow(/snapshot/);
});

test('a snapshot becomes a cluster of one, whom everybody trusts who trusted the old one', async () => {
  const terminal = paper();
  const dataDir = servers.dataDir('s3');
  await mkdir(join(dataDir, 'pki'), { recursive: true });
  for (const name of ['ca.crt', 'ca.key'])
    await cp(join(servers.dataDir('s1'), 'pki', name), join(dataDir, 'pki', name));
  await restore(terminal, realWorld, join(servers.folder, 'a.snapshot'), { dataDir, name: 's3' });
  expect(terminal.take().out).toEqual([
    expect.stringMatching(/^restored at revision \d+; start it: berth server --name s3 --data-dir /),
  ]);
  await expect(restore(terminal, realWorld, join(servers.folder, 'a.snapshot'), { dataDir })).rejects.toThrow(
    'holds a store already',
  );
  const server = await servers.start('s3');
  await server.ready();
  using old = servers.client('s1');
  const client = old.at(server.url);
  expect(await client.json({ path: `${configMaps}/kept` })).toMatchObject({ metadata: { name: 'kept' } });
  expect((await readMembers(client)).items.map(({ name }) => name)).toEqual(['s3']);
  await servers.stop('s3');
});

test('restore --replace sets the old store aside', async () => {
  const terminal = paper();
  const dataDir = servers.dataDir('s3');
  await restore(terminal, realWorld, join(servers.folder, 'a.snapshot'), { dataDir, replace: true });
  const aside = (terminal.take().out[0] ?? '').replace('the old store is set aside: ', '');
  expect(existsSync(aside)).toBe(true);
});

test('without a quorum recover asks those that run and says what to do, and changes nothing', async () => {
  using client = servers.client('s1');
  const terminal = paper();
  expect(await lookForSurvivors(client, terminal)).toBe(0);
  expect(terminal.take().out.at(-1)).toBe('There is a leader: nothing is to be recovered.');
  await servers.stop('s2');
  await until(async () => {
    expect((await readMembers(client)).items.some(({ leader }) => leader)).toBe(false);
  });
  expect(await lookForSurvivors(client, terminal)).toBe(0);
  const text = terminal.take().out.join('\n');
  expect(text).toMatch(/SERVER +STATE +LAST ENTRY +COMMITTED +DATA DIRECTORY/);
  expect(text).toMatch(/s1 +runs +\d+ of term \d+/);
  expect(text).toMatch(/s2 +no answer/);
  expect(text).toContain('1 of 2 servers answer; 2 voters are needed for a quorum.');
  expect(text).toContain(`On the machine of s1: berth recover --data-dir ${servers.dataDir('s1')}`);
});

test('a running server cannot be recovered, and nothing happens without a yes', async () => {
  const terminal = paper();
  const flags = { dataDir: [servers.dataDir('s1')] };
  await expect(recover(terminal, realWorld, { ...flags, yes: true })).rejects.toThrow(
    'another process uses the data directory',
  );
  await servers.stop('s1');
  await expect(recover(terminal, realWorld, flags)).rejects.toThrow('nothing was changed: say --yes');
});

test('recover makes the survivor with the latest entry a cluster of its own, with all that was acknowledged', async () => {
  const terminal = paper();
  const dataDir = [servers.dataDir('s2'), servers.dataDir('s1')];
  expect(await recover(terminal, realWorld, { dataDir, yes: true })).toBe(0);
  const { out } = terminal.take();
  expect(out.join('\n')).toMatch(/s1 becomes the only member of its cluster|s2 becomes the only member of its cluster/);
  const survivor = out.join('\n').includes(`${servers.dataDir('s1')} becomes`) ? 's1' : 's2';
  const server = await servers.start(survivor);
  await server.ready();
  using client = servers.client(survivor);
  expect(await client.json({ path: `${configMaps}/kept` })).toMatchObject({ metadata: { name: 'kept' } });
  await put(client, 'after');
  expect((await readMembers(client)).items.map(({ name }) => name)).toEqual([survivor]);
});
