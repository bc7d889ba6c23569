import type { Pod } from '@berth/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { podsOn, untilLost, untilReadyNode } from '../scenarios/node-loss.ts';
import { untilEnginesAgree, untilServersAgree } from '../support/agreement.ts';
import { ApiClient, adminCredentials, serverUrls } from '../support/api-client.ts';
import type { Cluster } from '../support/cluster.ts';
import { lifeOf } from '../support/docker.ts';
import { spreadOver, webDeployment } from '../support/manifests.ts';
import { record } from '../support/measured-times.ts';
import { storyNamespace } from '../support/namespace.ts';
import { containerIds, isActive, isReady, nodeOf, untilPods, untilReady } from '../support/pod-facts.ts';
import { type RefusedWrites, untilWritesRefused } from '../support/refused-writes.ts';
import { until } from '../support/waiting.ts';

const namespace = 'site-loss';
const withinMs = 60_000;
const node = 'node-3';
const server = 'server-3';
const ways = [
  ['dc-1', 'dc-3'],
  ['dc-2', 'dc-3'],
] as const;

/** dc-3, with a server and a node in it, loses both of its links. */
export function siteLoss(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const app = 'web';
  const engine = cluster.engineOf.bind(cluster, node);
  const lives = async (): Promise<readonly string[]> => lifeOf(await engine().runningOf({ namespace }));
  let cutServer: ApiClient;
  let cutServerUrl = '';
  let cutPods: readonly Pod[] = [];
  let livesBefore: readonly string[] = [];
  let refused: RefusedWrites;
  const setLinks = async (quality: '--cut' | '--heal'): Promise<void> => {
    for (const way of ways) await cluster.dev('link', ...way, quality);
  };

  beforeAll(async () => {
    const topologySpreadConstraints = [spreadOver('topology.kubernetes.io/zone', app)];
    await kubectl.apply(webDeployment({ name: app, replicas: 6, spec: { topologySpreadConstraints } }));
    await untilReady(kubectl, namespace, { app, count: 6, withinMs });
    cutPods = await podsOn(kubectl, app, node);
    livesBefore = await lives();
    const index = (await cluster.servers()).items.findIndex(({ name }) => name === server);
    cutServerUrl = (await serverUrls(cluster))[index] ?? '';
    cutServer = new ApiClient(cutServerUrl, await adminCredentials(cluster));
  });
  afterAll(async () => {
    cutServer[Symbol.dispose]();
    await setLinks('--heal');
  });

  test('the majority goes on answering and scheduling', async () => {
    expect(cutPods).toHaveLength(2);
    await setLinks('--cut');
    const begin = performance.now();
    await until({
      what: 'the majority acknowledges a write',
      withinMs,
      look: () => kubectl.run('create', 'configmap', 'while-cut'),
      isSo: () => true,
    });
    record({ what: 'data center cut off -> write acknowledged by the others' }, performance.now() - begin);
    await untilLost(cluster.kubectl, node, withinMs);
    await kubectl.run('scale', 'deployment/web', '--replicas=8');
    await untilPods(kubectl, namespace, {
      app,
      what: `eight pods are Ready on other nodes than ${node}`,
      withinMs,
      isSo: (pods) => pods.filter((pod) => isReady(pod) && isActive(pod) && nodeOf(pod) !== node).length === 8,
    });
    expect(await cluster.leader()).not.toBe(server);
  });

  test('the cut side refuses writes with a Status that says why', async () => {
    refused = await untilWritesRefused(cutServer, namespace, withinMs);
    expect(refused.status).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable' });
    expect(refused.status.message).toMatch(/^no quorum: .*server-1 .*does not answer.*nothing was applied$/);
    const onCutSide = kubectl.with({}, '--server', cutServerUrl);
    expect(await onCutSide.refused('create', 'configmap', 'refused-by-hand')).toMatch(
      /no quorum: .*nothing was applied/,
    );
    expect(await onCutSide.refused('get', 'pods')).toContain('?consistency=stale');
    expect((await cutServer.ask({ path: '/livez' })).code).toBe(200);
  });

  test('its containers run on and do their work', async () => {
    expect(await lives()).toEqual(livesBefore);
    for (const { metadata, status } of cutPods) {
      const id = (status?.containerStatuses?.[0]?.containerID ?? '').replace('docker://', '');
      const page = await engine().run('exec', id, 'wget', '-q', '-O', '-', 'http://127.0.0.1:8080/');
      expect(page).toBe(`${metadata.name} version 1\n`);
    }
  });

  test('healed, there is one state: the containers were kept, no pod runs twice, all servers say the same', async () => {
    await setLinks('--heal');
    await untilReadyNode(cluster.kubectl, node, withinMs);
    const pods = await untilReady(kubectl, namespace, { app, count: 8, withinMs });
    await untilEnginesAgree(cluster, namespace, withinMs);
    expect(containerIds(pods)).toEqual(expect.arrayContaining([...containerIds(cutPods)]));
    expect(await lives()).toEqual(expect.arrayContaining([...livesBefore]));
    await untilServersAgree(cluster, namespace, withinMs);
  });

  test('what was refused is nowhere; what was acknowledged is there, also on the server that was cut off', async () => {
    const onCutSide = kubectl.with({}, '--server', cutServerUrl);
    const names = await onCutSide.run('get', 'configmaps', '-o', 'name');
    expect(names).toContain('configmap/while-cut\n');
    for (const name of [...refused.names, 'refused-by-hand']) expect(names).not.toContain(name);
    expect(await onCutSide.run('create', 'configmap', 'after-healing')).toContain('created');
  });
}
