import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { type Leadership, openEtcdStore, type Store } from '../../src/index.ts';
import { refused } from '../contract/subject.ts';
import { startEtcd } from '../etcd-server.ts';

test('leadership passes on when its server leaves, and old decisions are refused', {
  timeout: 20_000,
}, async () => {
  await using server = await startEtcd();
  const first = await openAt(server.endpoint, 'server-1');
  const leadership = await reached(first, 'leader');
  await using second = await openAt(server.endpoint, 'server-2');
  expect(await reached(second, 'follower')).toMatchObject({
    leader: { name: 'server-1', apiAddress: 'server-1:6443' },
  });
  expect(
    second
      .status()
      .members.map(({ name }) => name)
      .sort(),
  ).toEqual(['server-1', 'server-2']);
  await first[Symbol.asyncDispose]();
  await reached(second, 'leader');
  if (leadership.kind !== 'leader') throw new Error('server-1 never led');
  const put = { kind: 'put', key: '/a', value: Buffer.from('x') } as const;
  await refused('fenced', second.txn({ compare: [], success: [put], fence: leadership.fence }));
});

test('two clusters share one etcd without seeing each other', { timeout: 20_000 }, async () => {
  await using server = await startEtcd();
  await using one = await openAt(server.endpoint, 'server-1', 'one/');
  await using two = await openAt(server.endpoint, 'server-1', 'two/');
  await one.txn({ compare: [], success: [{ kind: 'put', key: '/a', value: Buffer.from('1') }] });
  const { count } = await two.range({ from: '/a', consistency: { kind: 'linearizable' } });
  expect(count).toBe(0);
  expect(one.clusterId).not.toBe(two.clusterId);
});

test('an etcd that does not answer is said to be away', { timeout: 20_000 }, async () => {
  const server = await startEtcd();
  await using store = await openAt(server.endpoint, 'server-1');
  await server[Symbol.asyncDispose]();
  await refused('unavailable', store.range({ from: '/a', consistency: { kind: 'linearizable' } }));
  const put = { kind: 'put', key: '/a', value: Buffer.from('x') } as const;
  await refused('unavailable', store.txn({ compare: [], success: [put] }));
});

function openAt(endpoint: string, name: string, root = 'berth/'): Promise<Store> {
  const addresses = { apiAddress: `${name}:6443`, gatewayAddress: `${name}:6444`, peerAddress: '' };
  const member = { memberId: realWorld.random.uuid(), name, ...addresses };
  return openEtcdStore({ world: realWorld, endpoints: [endpoint], member, root, requestTimeoutMs: 3_000 });
}

async function reached(store: Store, kind: Leadership['kind']): Promise<Leadership> {
  const { promise, resolve } = Promise.withResolvers<Leadership>();
  using _listening = store.onLeadership((leadership) => {
    if (leadership.kind === kind) resolve(leadership);
  });
  return await promise;
}
