import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../src/commands/explain.ts';
import { rebalance } from '../src/commands/rebalance.ts';
import { type ClusterFixture, openCluster, paper } from './cluster-fixture.ts';

let cluster: ClusterFixture;
beforeAll(async () => {
  cluster = await openCluster();
  const { client } = cluster;
  for (const [name, cpu] of Object.entries({ large: '4', small: '2' })) {
    await client.json({ method: 'POST', path: '/api/v1/nodes', body: { metadata: { name } } });
    await client.json({
      method: 'PATCH',
      path: `/api/v1/nodes/${name}/status`,
      contentType: 'application/merge-patch+json',
      body: { status: { allocatable: { cpu, memory: '8Gi', pods: '110' } } },
    });
  }
  const containers = [{ name: 'main', image: 'web', resources: { requests: { cpu: '6' } } }];
  await client.json({
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    body: { metadata: { name: 'wide' }, spec: { containers, tolerations: [{ operator: 'Exists' }] } },
  });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

test('explain says what stands in the way on every node, and what would make the pod fit', async () => {
  const terminal = paper();
  expect(await explain(cluster.client, terminal, 'pod', 'wide', {})).toBe(0);
  const { out } = terminal.take();
  expect(out[0]).toMatch(/^pod default\/wide is \w+; it fits on 0 of 2 nodes$/);
  expect(out[1]).toBe('  2 x Insufficient cpu');
  expect(out).toContainEqual(expect.stringMatching(/^large +- +NodeResourcesFit: Insufficient cpu$/));
  expect(out).toContain('would fit on large if it asked for at most 4 cpu');
});

test('only pods are explained', async () => {
  const asked = explain(cluster.client, paper(), 'service', 'web', {});
  await expect(asked).rejects.toThrow('only pods have a place: berth explain pod NAME, not service');
});

test('rebalance prints the plan, or that there is nothing to do', async () => {
  const terminal = paper();
  expect(await rebalance(cluster.client, terminal, {})).toBe(0);
  expect(terminal.take().out).toEqual(['every pod is where it should be']);
});
