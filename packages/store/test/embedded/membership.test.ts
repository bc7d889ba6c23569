import { rm } from 'node:fs/promises';
import type { PeerStatus } from '@berth/raft';
import { realWorld } from '@berth/world';
import { afterAll, describe, expect, test } from 'vitest';
import { type EmbeddedStore, openEmbeddedStore, StoreError } from '../../src/index.ts';
import { EmbeddedCluster, leadershipOf, until } from '../embedded-cluster.ts';
import { freePort } from '../free-port.ts';

const cluster = await EmbeddedCluster.start(3);
afterAll(() => cluster[Symbol.asyncDispose]());

// The tests build on each other: one cluster goes through the changes that an operator makes.
describe('a cluster', { timeout: 30_000 }, () => {
  test('knows its members, their addresses and who leads', async () => {
    await cluster.settled();
    const list = cluster.at(1).members.list();
    expect(list.map(({ name, role }) => [name, role])).toEqual([
      ['server-1', 'voter'],
      ['server-2', 'voter'],
      ['server-3', 'voter'],
    ]);
    expect(list.filter(({ leader }) => leader)).toHaveLength(1);
    expect(list.map(({ apiAddress }) => apiAddress)).toEqual(['server-1:6443', 'server-2:6443', 'server-3:6443']);
  });

  test('gives a directory that asks twice the same admission', async () => {
    const { member } = cluster.optionsOf(2);
    const asked = { ...member, directory: realWorld.random.uuid(), promote: false };
    const first = await cluster.at(1).members.add(asked);
    expect(await cluster.at(2).members.add(asked)).toEqual(first);
    await cluster.at(1).members.remove(String(first.memberId));
    expect(cluster.at(1).members.list()).toHaveLength(3);
  });

  test('keeps a learner that shall stay one, and does not promote it', async () => {
    const learner = await cluster.join(false);
    await leadershipOf(learner, 'follower');
    await put(cluster.at(0), '/m/a', '1');
    const read = await learner.range({ from: '/m/a', consistency: { kind: 'linearizable' } });
    expect(read.kvs).toHaveLength(1);
    await until(() => caughtUp(learner.memberId));
    expect(roleOf(cluster.at(0), learner)).toBe('learner');
  });

  test('promotes it when asked to, and a demoted one stays a learner', async () => {
    const fourth = cluster.at(3);
    await cluster.at(1).members.promote(fourth.memberId);
    await until(() => roleOf(cluster.at(0), fourth) === 'voter');
    await cluster.at(1).members.demote(fourth.memberId);
    await until(() => roleOf(cluster.at(0), fourth) === 'learner' && caughtUp(fourth.memberId));
    expect(roleOf(cluster.at(0), fourth)).toBe('learner');
  });

  test('hands its leadership over to a named member', async () => {
    for (const next of [cluster.at(1), cluster.at(0)]) {
      if (next.status().leadership.kind === 'leader') continue;
      // On a busy machine the next one may not be quick enough at the first attempt.
      const asked = (): Promise<boolean> =>
        cluster
          .at(2)
          .members.transfer(next.memberId)
          .then(
            () => true,
            () => false,
          );
      while (!(await asked()));
      expect(await leadershipOf(next, 'leader')).toMatchObject({ kind: 'leader' });
    }
  });

  test('follows a member to its new address', async () => {
    const { member } = cluster.optionsOf(2);
    const peerAddress = `127.0.0.1:${await freePort()}`;
    await cluster.stop(2);
    const moved = await cluster.restart(2, { member: { ...member, peerAddress } });
    const recorded = (): string | undefined =>
      cluster
        .at(0)
        .members.list()
        .find(({ memberId }) => memberId === moved.memberId)?.peerAddress;
    await until(() => recorded() === peerAddress);
    await until(() => caughtUp(moved.memberId));
  });

  test('refuses a removal that would lose the quorum, and says so', async () => {
    await cluster.stop(2);
    const gone = cluster.at(0).members.list()[2]?.memberId ?? '';
    await until(() => cluster.at(0).members.list()[2]?.unreachable !== undefined);
    await until(() => silentTicks(gone) > 40);
    const attempt = await cluster
      .at(1)
      .members.remove(cluster.at(1).memberId)
      .catch((error: unknown) => error);
    expect(attempt).toBeInstanceOf(StoreError);
    expect(attempt).toMatchObject({ code: 'invalid' });
    await cluster.at(1).members.remove(gone);
    await until(() => cluster.at(0).members.list().length === 3);
  });

  test('a learner that was away while it was removed learns of it from the others, once', async () => {
    const said: string[] = [];
    const learner = await cluster.join(false);
    await until(() => caughtUp(learner.memberId));
    await cluster.stop(4);
    await cluster.at(0).members.remove(learner.memberId);
    const back = await cluster.restart(4, { onRemoved: (reason) => said.push(reason) });
    expect(await removalOf(back)).toContain('server-5');
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('was removed from the cluster: stop it');
  });

  test('one that runs while it is removed learns of it at once, and at each start', async () => {
    const learner = await cluster.join(false);
    await until(() => caughtUp(learner.memberId));
    await cluster.at(0).members.remove(learner.memberId);
    expect(await removalOf(learner)).toContain('was removed from the cluster');
    await cluster.stop(5);
    expect(await removalOf(await cluster.restart(5))).toContain('was removed from the cluster');
  });

  test('rule 44: a wiped directory is refused under its old id', async () => {
    const options = cluster.optionsOf(1);
    const { memberId } = cluster.at(1);
    const { clusterId } = cluster.at(1);
    await cluster.stop(1);
    await rm(options.dataDirectory, { recursive: true });
    const groupId = options.found?.kind === 'join' ? options.found.admission.groupId : '';
    const admission = { clusterId, groupId, memberId: Number(memberId) };
    await using impostor = await openEmbeddedStore({ ...options, found: { kind: 'join', admission } });
    const refusal = (): string => (impostor.status().leadership.kind === 'leaderless' ? reasonOf(impostor) : '');
    await until(() => refusal().includes('may not come back under its old id'));
    expect(refusal()).toContain('remove the member and join again as a new one');
  });

  test('speaks with nobody whose certificate is none of a server', async () => {
    const options = cluster.optionsOf(0);
    const tls = await cluster.authority.sign('CN=system:node:agent-1, O=system:nodes');
    const member = { ...options.member, name: 'server-9', peerAddress: `127.0.0.1:${await freePort()}` };
    const admission = { clusterId: cluster.at(0).clusterId, groupId: '', memberId: 99 };
    await using stranger = await openEmbeddedStore({
      ...options,
      dataDirectory: `${cluster.folder}/stranger`,
      member,
      tls,
      found: { kind: 'join', admission },
    });
    expect(stranger.status().leadership.kind).toBe('leaderless');
    expect(
      cluster
        .at(0)
        .members.list()
        .map(({ name }) => name),
    ).not.toContain('server-9');
  });
});

/** What the server says once it knows. */
async function removalOf(store: EmbeddedStore): Promise<string> {
  const known = (): string | undefined => {
    const { leadership } = store.status();
    return leadership.kind === 'leaderless' && leadership.removed ? leadership.reason : undefined;
  };
  await until(() => known() !== undefined);
  return known() ?? '';
}

function roleOf(store: EmbeddedStore, member: EmbeddedStore): string | undefined {
  return store.status().members.find(({ memberId }) => memberId === member.memberId)?.role;
}

/** As the leader sees it, whoever that is. */
function peerOf(memberId: string): PeerStatus | undefined {
  const seen = cluster.stores.flatMap((store) => store.metrics().core?.status.peers ?? []);
  return seen.find(({ id }) => String(id) === memberId);
}

function caughtUp(memberId: string): boolean {
  return peerOf(memberId)?.caughtUp === true;
}

function silentTicks(memberId: string): number {
  return peerOf(memberId)?.contactTicks ?? 0;
}

function reasonOf(store: EmbeddedStore): string {
  const { leadership } = store.status();
  return leadership.kind === 'leaderless' ? leadership.reason : '';
}

async function put(store: EmbeddedStore, key: string, value: string): Promise<void> {
  await store.txn({ compare: [], success: [{ kind: 'put', key, value: Buffer.from(value) }] });
}
