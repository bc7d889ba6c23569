import { beforeAll, expect, test } from 'vitest';
import { loseNodes, podsOn, readyCondition, untilLost, untilReadyNode } from '../scenarios/node-loss.ts';
import { untilEnginesAgree, untilServersAgree } from '../support/agreement.ts';
import type { Cluster } from '../support/cluster.ts';
import { lifeOf } from '../support/docker.ts';
import { spreadOver, webDeployment } from '../support/manifests.ts';
import { record } from '../support/measured-times.ts';
import { storyNamespace } from '../support/namespace.ts';
import { isActive, isReady, nodeOf, untilPods, untilReady } from '../support/pod-facts.ts';
import { patience, promises } from '../support/promises.ts';
import { until } from '../support/waiting.ts';

const namespace = 'host-loss';
const withinMs = 60_000;

export function hostLoss(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const app = 'web';
  const untilOneState = async (): Promise<void> => {
    await untilReady(kubectl, namespace, { app, count: 6, withinMs });
    await untilEnginesAgree(cluster, namespace, withinMs);
  };

  beforeAll(async () => {
    const topologySpreadConstraints = [spreadOver('topology.kubernetes.io/zone', app)];
    await kubectl.apply(webDeployment({ name: app, replicas: 6, spec: { topologySpreadConstraints } }));
    await untilOneState();
  });

  test('power cut: its pods run elsewhere, the node is NotReady with a reason', async () => {
    const lost = await podsOn(kubectl, app, 'node-2');
    expect(lost).toHaveLength(2);
    const loss = { cluster, kubectl, namespace, app, count: 6, limitMs: patience(promises.hostLost) };
    record(promises.hostLost, await loseNodes(loss, ['node-2']));
    const node = await untilLost(cluster.kubectl, 'node-2', withinMs);
    expect(readyCondition(node)).toMatchObject({
      reason: 'NodeStatusUnknown',
      message: expect.stringMatching(/since/),
    });
    expect(await cluster.kubectl.run('get', 'node', 'node-2', '--no-headers')).toMatch(/ NotReady /);
    expect(await kubectl.run('get', 'pod', lost[0]?.metadata.name ?? '', '--no-headers')).toMatch(/ Unknown /);
  });

  test('power on again: the node is Ready, six pods run, none twice', async () => {
    await cluster.start('node-2');
    await untilReadyNode(cluster.kubectl, 'node-2', withinMs);
    await untilOneState();
  });

  test('a host that hangs is taken for lost; when it goes on, its containers are kept and the surplus goes', async () => {
    const engine = cluster.engineOf('node-1');
    const before = lifeOf(await engine.runningOf({ namespace }));
    expect(before.length).toBeGreaterThan(0);
    await cluster.dev('freeze', 'node-1');
    await untilLost(cluster.kubectl, 'node-1', withinMs);
    await untilPods(kubectl, namespace, {
      app,
      what: 'six pods are Ready on other nodes than node-1',
      withinMs,
      isSo: (pods) => pods.filter((pod) => isReady(pod) && isActive(pod) && nodeOf(pod) !== 'node-1').length === 6,
    });
    await cluster.dev('thaw', 'node-1');
    await untilReadyNode(cluster.kubectl, 'node-1', withinMs);
    await untilOneState();
    expect(lifeOf(await engine.runningOf({ namespace }))).toEqual(before);
  });

  test("the leader's host hangs: another server leads; when it goes on, it follows", async () => {
    const leader = await cluster.leader();
    await cluster.dev('freeze', leader);
    const begin = performance.now();
    await until({
      what: 'a write is acknowledged by the others',
      withinMs,
      look: () => kubectl.run('create', 'configmap', 'without-leader', '--request-timeout=5s'),
      isSo: () => true,
    });
    record({ what: "leader's host hangs -> write acknowledged by the others" }, performance.now() - begin);
    await cluster.dev('thaw', leader);
    await untilServersAgree(cluster, namespace, withinMs);
    expect(await kubectl.run('get', 'configmaps', '-o', 'name')).toContain('configmap/without-leader\n');
    await untilOneState();
  });
}
