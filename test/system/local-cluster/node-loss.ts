import { expect, test } from 'vitest';
import { loseNodes, podsOn, readyCondition, untilLost, untilReadyNode } from '../scenarios/node-loss.ts';
import type { Cluster } from '../support/cluster.ts';
import { Docker, lifeOf } from '../support/docker.ts';
import { spreadOver, webDeployment } from '../support/manifests.ts';
import { record } from '../support/measured-times.ts';
import { storyNamespace } from '../support/namespace.ts';
import { containerIds, isActive, isReady, nodeOf, untilPods, untilReady } from '../support/pod-facts.ts';
import { patience, promises } from '../support/promises.ts';

const namespace = 'node-loss';
const victim = 'node-2';

export function nodeLoss(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const docker = new Docker();
  const app = 'web';
  const untilSixReady = () => untilReady(kubectl, namespace, { app, count: 6, withinMs: 60_000 });

  test('an agent that is killed and at once started again restarts no container, and nobody replaces a pod', async () => {
    const spread = {
      topologySpreadConstraints: [
        spreadOver('topology.kubernetes.io/zone', app),
        spreadOver('kubernetes.io/hostname', app),
      ],
    };
    await kubectl.apply(webDeployment({ name: app, replicas: 6, spec: spread }));
    const pods = await untilSixReady();
    const before = lifeOf(await docker.runningOf({ namespace }));
    await cluster.killProcess(victim);
    await cluster.start(victim);
    await untilReadyNode(cluster.kubectl, victim, 20_000);
    expect(containerIds(await untilSixReady())).toEqual(containerIds(pods));
    expect(lifeOf(await docker.runningOf({ namespace }))).toEqual(before);
  });

  test('an agent that stays away: its pods are replaced elsewhere, the node is NotReady with a reason', async () => {
    const lost = await podsOn(kubectl, app, victim);
    expect(lost.length).toBeGreaterThan(0);
    await cluster.killProcess(victim);
    const node = await untilLost(cluster.kubectl, victim, 30_000);
    expect(readyCondition(node)).toMatchObject({
      reason: 'NodeStatusUnknown',
      message: expect.stringMatching(/since/),
    });
    await untilPods(kubectl, namespace, {
      app,
      what: `six pods are Ready on other nodes than ${victim}`,
      withinMs: 30_000,
      isSo: (pods) => pods.filter((pod) => isReady(pod) && isActive(pod) && nodeOf(pod) !== victim).length === 6,
    });
    expect(await kubectl.run('get', 'pod', lost[0]?.metadata.name ?? '', '--no-headers')).toMatch(/ Unknown /);
    expect(await cluster.kubectl.run('get', 'node', victim, '--no-headers')).toMatch(/ NotReady /);
    const untouched = await docker.runningOf({ namespace, pod: lost[0]?.metadata.name ?? '' });
    expect(untouched.map(({ Id }) => Id)).toEqual(containerIds(lost.slice(0, 1)));
  });

  test('when it comes back after that, it keeps its containers and the surplus goes', async () => {
    const lost = await podsOn(kubectl, app, victim);
    const before = lifeOf(await docker.runningOf({ namespace })).filter((life) =>
      containerIds(lost).some((id) => life.startsWith(id.slice(0, 12))),
    );
    await cluster.start(victim);
    await untilReadyNode(cluster.kubectl, victim, 20_000);
    const pods = await untilSixReady();
    expect(containerIds(pods)).toEqual(expect.arrayContaining([...containerIds(lost)]));
    const after = lifeOf(await docker.runningOf({ namespace }));
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(after).toHaveLength(6);
    expect((await cluster.kubectl.run('get', 'node', victim, '-o', 'jsonpath={.spec.taints}')).trim()).toBe('');
  });

  test('agents and containers of a whole data center killed: all pods run in the other one', async () => {
    const names = (await cluster.nodes()).filter(({ zone }) => zone === 'dc-2').map(({ name }) => name);
    const loss = { cluster, kubectl, namespace, app, count: 6, limitMs: patience(promises.nodeLost) };
    record(promises.nodeLost, await loseNodes(loss, names));
    const serving = (await kubectl.json<{ items: Parameters<typeof nodeOf>[0][] }>('get', 'pods')).items.filter((pod) =>
      isReady(pod),
    );
    const places = serving.map((pod) => nodeOf(pod)).sort();
    expect(places).toEqual(['node-1', 'node-1', 'node-1', 'node-2', 'node-2', 'node-2']);
    for (const name of names) {
      expect(readyCondition(await untilLost(cluster.kubectl, name, 5_000))?.reason).toBe('NodeStatusUnknown');
    }
    expect(await docker.runningOf({ namespace })).toHaveLength(6);
  });

  test('power on again: both nodes are Ready and six pods run, no more', async () => {
    for (const name of ['node-3', 'node-4']) {
      await cluster.start(name);
      await untilReadyNode(cluster.kubectl, name, 30_000);
    }
    await untilSixReady();
    expect(await docker.runningOf({ namespace })).toHaveLength(6);
  });
}
