import { createWriteStream } from 'node:fs';
import { verifySnapshot } from '@berth/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Answer, ApiClient, freePorts, inMemory, startTestServer, temporaryFolder } from './running-server.ts';
import { TestCluster } from './test-cluster.ts';

// Whole servers, with threads of their own, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cluster: TestCluster;
beforeAll(async () => {
  folder = await temporaryFolder();
  cluster = await TestCluster.start(folder.path, ['--election-timeout', '400ms', '--zone', 'east']);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Member {
  readonly name: string;
  readonly memberId: string;
  readonly role: string;
  readonly leader: boolean;
  readonly zone: string;
  readonly dataDir: string;
  readonly matchIndex?: number;
}

interface MemberList {
  readonly items: readonly Member[];
  readonly log: { readonly lastIndex: number; readonly quarantined: boolean };
}

const listOf = ({ body }: Answer): MemberList => body as unknown as MemberList;
/** In the order of their names: that of the list is the order in which they joined. */
const named = (members: readonly { readonly name: string }[]): readonly string[] =>
  members.map(({ name }) => name).sort();
const voters = (answer: Answer): readonly string[] =>
  named(listOf(answer).items.filter(({ role }) => role === 'voter'));

async function members(admin: ApiClient, holds: (answer: Answer) => boolean): Promise<MemberList> {
  return listOf(await admin.until('/berth/v1/members', holds));
}

function leads(name: string): (answer: Answer) => boolean {
  return (answer) => listOf(answer).items.some((member) => member.leader && member.name === name);
}

test('members are listed with their role, place and directory, and the log of the one that was asked', async () => {
  const admin = await cluster.admin('s1');
  const { items, log } = await members(
    admin,
    (answer) => voters(answer).length === 3 && listOf(answer).items.every(({ zone }) => zone !== ''),
  );
  expect(named(items)).toEqual(['s1', 's2', 's3']);
  for (const { dataDir, name, zone } of items) expect([dataDir, zone]).toEqual([`${folder.path}/${name}`, 'east']);
  expect(log.lastIndex).toBeGreaterThan(0);
  expect(log.quarantined).toBe(false);
});

test('the leadership goes where it is told to', async () => {
  const admin = await cluster.admin('s2');
  for (const heir of ['s3', 's1']) {
    const { status } = await admin.send(`/berth/v1/members/${heir}/transfer`, { method: 'POST' });
    expect(status).toBe(200);
    await members(admin, leads(heir));
  }
});

test('a voter becomes a learner and a voter again', async () => {
  const admin = await cluster.admin('s1');
  expect((await admin.send('/berth/v1/members/s3/demote', { method: 'POST' })).status).toBe(200);
  await members(admin, (answer) => voters(answer).join() === 's1,s2');
  // Refused as long as it is not known to have caught up.
  while ((await admin.send('/berth/v1/members/s3/promote', { method: 'POST' })).status === 409);
  await members(admin, (answer) => voters(answer).join() === 's1,s2,s3');
});

test.each([
  [
    '/berth/v1/members/s9/remove',
    404,
    expect.stringMatching(/^there is no member "s9": the members are s1, s\d, s\d$/),
  ],
  ['/berth/v1/members/s1/sing', 404, 'members can be asked to promote, demote, remove, transfer, not to "sing"'],
])('%s is refused', async (path, code, message) => {
  const admin = await cluster.admin('s1');
  const { body, status } = await admin.send(path, { method: 'POST' });
  expect([status, body.message]).toEqual([code, message]);
});

test('a snapshot over the API is whole and holds what was written before', async () => {
  const admin = await cluster.admin('s2');
  const file = `${folder.path}/state.snapshot`;
  await admin.download('/berth/v1/snapshot', createWriteStream(file));
  const { keys, members: then, revision } = await verifySnapshot(file);
  expect(keys).toBeGreaterThan(3);
  expect(revision).toBeGreaterThan(3);
  expect(named(then)).toEqual(['s1', 's2', 's3']);
  const { body, status } = await admin.get('/berth/v1/snapshot?consistency=maybe');
  expect([status, body.message]).toEqual([400, 'consistency: must be "linearizable" or "local", got "maybe"']);
});

test('a change that would lose the quorum is refused with the reason', async () => {
  const admin = await cluster.admin('s1');
  await admin.send('/berth/v1/members/s1/transfer', { method: 'POST' });
  await members(admin, leads('s1'));
  await cluster.stop('s3');
  const down = (answer: Answer): boolean =>
    listOf(answer).items.some((member) => member.name === 's3' && 'unreachable' in member);
  await members(admin, down);
  const { body, status } = await admin.send('/berth/v1/members/s2/remove', { method: 'POST' });
  expect([status, body.message]).toEqual([
    409,
    expect.stringMatching(
      /^remove s2: of the voters .* cannot be reached .*: the cluster would stop; .*; nothing was changed$/,
    ),
  ]);
});

test('a member that is gone for good is removed, and the rest goes on', async () => {
  const admin = await cluster.admin('s1');
  expect((await admin.send('/berth/v1/members/s3/remove', { method: 'POST' })).status).toBe(200);
  const { items } = await members(admin, (answer) => voters(answer).join() === 's1,s2');
  expect(items).toHaveLength(2);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'after' } };
  const path = '/api/v1/namespaces/default/configmaps';
  expect((await admin.send(path, { method: 'POST', body })).status).toBe(201);
});

test('a server that was removed while it was down says so to whoever asks it', async () => {
  await using removed = await startTestServer({ ...cluster.member('s3'), flags: cluster.flags });
  const admin = await ApiClient.admin(removed);
  const { body, status } = await admin.until('/readyz', ({ body: text }) => String(text).includes('[-]member-of'));
  const sentence =
    /s3 \(127\.0\.0\.1:\d+\) was removed from the cluster: stop it; to take it in again, empty its data directory/;
  expect(status).toBe(500);
  expect(body).toMatch(new RegExp(`^\\[-\\]member-of-cluster failed: ${sentence.source}`, 'm'));
  const servers = await admin.get('/berth/v1/servers');
  expect(servers.body).toMatchObject({ leader: '', reason: expect.stringMatching(sentence) });
});

test('a cluster whose state lies elsewhere says so', async () => {
  await using other = await temporaryFolder();
  const { openStore } = inMemory();
  await using server = await startTestServer({ name: 'm1', dataDir: other.path, ports: await freePorts(3), openStore });
  const admin = await ApiClient.admin(server);
  for (const path of ['/berth/v1/members', '/berth/v1/snapshot']) {
    const { body, status } = await admin.get(path);
    expect([status, body.message]).toEqual([501, expect.stringContaining('the affair of etcdctl')]);
  }
});
