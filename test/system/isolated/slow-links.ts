import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient, adminCredentials, serverUrls } from '../support/api-client.ts';
import type { Cluster } from '../support/cluster.ts';
import { whoAnswers } from '../support/http-answers.ts';
import { spreadOver, webDeployment } from '../support/manifests.ts';
import { record } from '../support/measured-times.ts';
import { storyNamespace } from '../support/namespace.ts';
import { nodesReadySince } from '../support/node-facts.ts';
import { untilReady } from '../support/pod-facts.ts';
import { newerImage } from '../support/test-image.ts';
import { elapsed, until } from '../support/waiting.ts';

const namespace = 'slow-links';
const withinMs = 60_000;
const pairs = [
  ['dc-1', 'dc-2'],
  ['dc-1', 'dc-3'],
  ['dc-2', 'dc-3'],
] as const;
const oneWayMs = 40;

/** 40 ms each way and one packet in a hundred lost, between any two data centers: everything works, nobody is taken for dead. */
export function slowLinks(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const app = 'web';
  let leader = '';
  let readyBefore = '';

  beforeAll(async () => {
    leader = await cluster.leader();
    readyBefore = await nodesReadySince(cluster.kubectl);
    for (const pair of pairs) await cluster.dev('link', ...pair, '--latency', `${oneWayMs}ms`, '--loss', '1%');
  });
  afterAll(async () => {
    for (const pair of pairs) await cluster.dev('link', ...pair, '--heal');
  });

  test('a write needs one way there and back, and is acknowledged', async () => {
    const servers = await cluster.servers();
    const leads = servers.items.findIndex(({ name }) => name === servers.leader);
    using client = new ApiClient((await serverUrls(cluster))[leads] ?? '', await adminCredentials(cluster));
    const times: number[] = [];
    for (let count = 0; count < 10; count++) {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `slow-${count}` } };
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      times.push(await elapsed(async () => expect((await client.ask({ method: 'POST', path, body })).code).toBe(201)));
    }
    expect(Math.min(...times), 'the links are slow indeed').toBeGreaterThanOrEqual(2 * oneWayMs);
    times.sort((a, b) => a - b);
    record({ what: 'write over links of 40 ms and 1 % loss (median)' }, times[5] ?? Number.NaN);
  });

  test('a Deployment starts in all data centers, rolls over and is scaled', async () => {
    const topologySpreadConstraints = [spreadOver('topology.kubernetes.io/zone', app)];
    await kubectl.apply(webDeployment({ name: app, replicas: 3, spec: { topologySpreadConstraints } }));
    const pods = await untilReady(kubectl, namespace, { app, count: 3, withinMs });
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(3);
    await kubectl.run('set', 'image', 'deployment/web', `web=${newerImage}`);
    await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=60s');
    await kubectl.run('scale', 'deployment/web', '--replicas=6');
    await untilReady(kubectl, namespace, { app, count: 6, withinMs });
  });

  test('a service is answered from every data center by the pods of all of them', async () => {
    await kubectl.run('expose', 'deployment', 'web', '--type=NodePort', '--port=80', '--target-port=http');
    const port = await kubectl.run('get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].nodePort}');
    const pods = await untilReady(kubectl, namespace, { app, count: 6, withinMs });
    const pages = pods.map(({ metadata }) => `${metadata.name} version 2`).sort();
    const seen = new Set<string>();
    for (const { address, name } of await cluster.nodes())
      await until({
        what: `all pods answer at the node port of ${name}`,
        withinMs,
        async look() {
          for (const page of await whoAnswers(`http://${address}:${port}/`, 10)) seen.add(page);
          return [...seen].sort();
        },
        isSo: (answered) => String(answered) === String(pages),
      }).finally(() => seen.clear());
  });

  test('logs are read from the nodes of all data centers', async () => {
    const said = await kubectl.run('logs', '--selector', `app=${app}`, '--prefix');
    expect(said.trimEnd().split('\n')).toHaveLength(6);
    expect(said.match(/serving version 2$/gm)).toHaveLength(6);
  });

  test('meanwhile the leader stays, and no node is taken for lost', async () => {
    expect(await cluster.leader()).toBe(leader);
    expect(await nodesReadySince(cluster.kubectl)).toBe(readyBefore);
  });
}
