import type { Pod } from '@berth/api';
import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { singlePod } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { isReady, nodeOf, untilPods } from '../support/pod-facts.ts';
import { endingOnRequest } from '../support/test-image.ts';
import { until } from '../support/waiting.ts';

const namespace = 'scheduling';
const withinMs = 20_000;
const idle = { command: endingOnRequest('sleep 3600 & wait') as string[] };

export function scheduling(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);

  /** The sentence with which the scheduler says why a pod stays Pending. */
  const untilRefused = (pod: string, wanted: RegExp): Promise<string> =>
    until({
      what: `an event says why ${pod} is not scheduled`,
      withinMs,
      look: () =>
        kubectl.run(
          'get',
          'events',
          '--field-selector',
          `involvedObject.name=${pod},reason=FailedScheduling`,
          '-o',
          'jsonpath={.items[*].message}',
        ),
      isSo: (said) => wanted.test(said),
    });

  test('a pod that asks for 64 CPUs stays Pending with a sentence that counts the nodes per reason', async () => {
    await kubectl.apply(singlePod('huge', { ...idle, resources: { requests: { cpu: '64' } } }));
    await untilRefused('huge', /^0\/4 nodes are available: 4 Insufficient cpu\./);
    const described = await kubectl.run('describe', 'pod', 'huge');
    expect(described).toMatch(/^Status: +Pending$/m);
    expect(described).toMatch(/PodScheduled +False/);
    expect(described).toMatch(/Warning +FailedScheduling .+0\/4 nodes are available: 4 Insufficient cpu\./);
    const { status } = await kubectl.json<Pod>('get', 'pod', 'huge');
    expect(status?.conditions?.find(({ type }) => type === 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
    });
  });

  test('different reasons of different nodes are counted apart; once one is lifted, the pod runs', async () => {
    const selected = { nodeSelector: { 'topology.kubernetes.io/zone': 'dc-1' } };
    await cluster.kubectl.run('cordon', 'node-1');
    await cluster.kubectl.run('taint', 'node', 'node-2', 'reserved=yes:NoSchedule');
    try {
      await kubectl.apply(singlePod('choosy', idle, selected));
      const said = await untilRefused('choosy', /^0\/4 nodes are available: /);
      expect(said).toContain('1 node(s) were unschedulable');
      expect(said).toContain('1 node(s) had untolerated taint {reserved: yes}');
      expect(said).toContain("2 node(s) didn't match Pod's node affinity/selector");
    } finally {
      await cluster.kubectl.run('taint', 'node', 'node-2', 'reserved-');
    }
    const [pod] = await untilPods(kubectl, namespace, {
      app: 'choosy',
      what: 'choosy is Ready',
      withinMs,
      isSo: (pods) => pods.every(isReady),
    });
    await cluster.kubectl.run('uncordon', 'node-1');
    expect(pod === undefined ? '' : nodeOf(pod)).toBe('node-2');
  });

  test('a port of the node is given to one pod of each node; the fifth waits until one is free', async () => {
    const ports = [{ containerPort: 8080, hostPort: 31_999 }];
    const names = [1, 2, 3, 4, 5].map((number) => `port-${number}`);
    const labelled = names.map((name) => ({
      ...singlePod(name, { ports }),
      metadata: { name, labels: { app: 'port' } },
    }));
    await kubectl.apply(...labelled);
    const pods = await untilPods(kubectl, namespace, {
      app: 'port',
      what: 'four of five pods are Ready',
      withinMs,
      isSo: (all) => all.filter(isReady).length === 4,
    });
    const waiting = pods.find((pod) => !isReady(pod))?.metadata.name ?? '';
    expect(new Set(pods.filter(isReady).map(nodeOf)).size).toBe(4);
    await untilRefused(waiting, /4 node\(s\) didn't have free ports for the requested pod ports/);
    await kubectl.run('delete', 'pod', names.find((name) => name !== waiting) ?? '', '--wait=false');
    await untilPods(kubectl, namespace, {
      app: 'port',
      what: `${waiting} has the free port`,
      withinMs,
      isSo: (all) => all.some((pod) => pod.metadata.name === waiting && isReady(pod)),
    });
  });
}
