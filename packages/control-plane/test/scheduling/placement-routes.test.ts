import { revision } from '@berth/store';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { placementRoutes } from '../../src/http/placement-routes.ts';
import { standardSchedulers } from '../../src/scheduling/placement-engine.ts';
import { PlacementQuestions } from '../../src/scheduling/placement-questions.ts';
import { openServer, type ServerFixture } from '../http/server-fixture.ts';

/** A server whose nodes are `name: cores`, with zone by the first letter. */
async function serverWith(nodes: Readonly<Record<string, string>>): Promise<ServerFixture> {
  const server: ServerFixture = await openServer({
    extend: {
      guarded: (app) =>
        placementRoutes(
          app,
          new PlacementQuestions({
            // The server makes its cache itself, after its routes.
            cache: {
              get: (resource, key) => server.cache.get(resource, key),
              list: (resource, namespace) => server.cache.list(resource, namespace),
              get revision() {
                return server.cache.revision;
              },
            },
            schedulers: standardSchedulers,
            timers: realWorld.timers,
          }),
        ),
    },
  });
  for (const [name, cpu] of Object.entries(nodes)) {
    const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': name.charAt(0) };
    await server.call('POST', '/api/v1/nodes', { metadata: { name, labels } });
    const status = { capacity: { cpu, memory: '8Gi', pods: '110' }, allocatable: { cpu, memory: '8Gi', pods: '110' } };
    await server.call('PATCH', `/api/v1/nodes/${name}/status`, { status }, mergePatch);
  }
  return server;
}

const mergePatch = { 'content-type': 'application/merge-patch+json' };

async function createPod(server: ServerFixture, name: string, cpu: string, more: object = {}): Promise<void> {
  const containers = [{ name: 'main', image: 'web', resources: { requests: { cpu } } }];
  const { code, text, json } = await server.call('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name, ...('owner' in more ? { ownerReferences: [more.owner] } : {}) },
    spec: { containers, ...('nodeName' in more ? { nodeName: more.nodeName } : {}) },
  });
  if (code !== 201) throw new Error(text);
  await server.cache.waitFor(revision(Number(json.metadata.resourceVersion)));
}

test('a pod that fits nowhere is told what stands in the way, node by node, and what would help', async () => {
  await using server = await serverWith({ a1: '2', b1: '4' });
  await createPod(server, 'wide', '6');
  const { code, json } = await server.call('GET', '/berth/v1/explain/default/wide');
  expect(code).toBe(200);
  expect(json).toMatchObject({ namespace: 'default', name: 'wide', nodeCount: 2, fits: 0 });
  expect(json.reasons).toEqual({ 'Insufficient cpu': 2 });
  expect(json.nodes.map(({ node }: { node: string }) => node).sort()).toEqual(['a1', 'b1']);
  expect(json.suggestions.map(({ text }: { text: string }) => text)).toContain(
    'would fit on b1 if it asked for at most 4 cpu',
  );
});

test('a pod that fits is told what each rule gives to each node', async () => {
  await using server = await serverWith({ a1: '2', b1: '4' });
  await createPod(server, 'small', '1');
  const { json } = await server.call('GET', '/berth/v1/explain/default/small?nodes=1');
  expect(json).toMatchObject({ fits: 2, nodeCount: 2, suggestions: [] });
  expect(json.nodes).toMatchObject([{ node: 'a1', refusals: [], parts: [{ rule: 'Pack' }] }]);
});

test('a plan moves pods to where the scheduler itself would put them, no more than asked for', async () => {
  await using server = await serverWith({ a1: '4', b1: '4' });
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'web', controller: true };
  for (const name of ['p1', 'p2', 'p3', 'p4']) await createPod(server, name, '500m', { owner, nodeName: 'a1' });
  const plan = await server.call('GET', '/berth/v1/rebalance?moves=1');
  expect(plan.json).toMatchObject({ moves: [{ namespace: 'default', from: 'a1', to: 'b1' }], isLimited: true });
  expect((await server.call('GET', '/berth/v1/rebalance')).json.moves).toHaveLength(2);
});

test('how many more like a pod fit, and which pods would find no place without a node', async () => {
  await using server = await serverWith({ a1: '2', b1: '4' });
  await createPod(server, 'p1', '1', { nodeName: 'a1' });
  await createPod(server, 'p2', '4', { nodeName: 'b1' });
  const room = await server.call('GET', '/berth/v1/headroom/default/p1');
  expect(room.json).toMatchObject({ fits: 1, isLimited: false, byNode: { a1: 1 } });
  const loss = await server.call('GET', '/berth/v1/node-loss/a1,b1');
  expect(loss.json).toMatchObject({ moved: 0, stranded: ['default/p1', 'default/p2'] });
});

test('pods that are not there and counts that are none are refused in words', async () => {
  await using server = await serverWith({ a1: '2' });
  const missing = await server.call('GET', '/berth/v1/explain/default/ghost');
  expect([missing.code, missing.json.message]).toEqual([404, 'pods "ghost" not found']);
  const wrong = await server.call('GET', '/berth/v1/rebalance?moves=some');
  expect([wrong.code, wrong.json.message]).toEqual([400, 'moves: must be a whole number from 0, got "some"']);
});
