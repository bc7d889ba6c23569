import type { Deployment, ReplicaSet } from '@berth/api';
import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { Docker } from '../support/docker.ts';
import { webDeployment } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { untilReady } from '../support/pod-facts.ts';
import { image, newerImage } from '../support/test-image.ts';

const namespace = 'rollouts';
const withinMs = 60_000;

export function rollouts(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const docker = new Docker();

  const replicaSets = async (): Promise<readonly (readonly [image: string, replicas: number])[]> => {
    const { items } = await kubectl.json<{ items: ReplicaSet[] }>(
      'get',
      'replicasets',
      '--sort-by=.metadata.creationTimestamp',
    );
    return items.map(({ spec, status }) => [spec.template?.spec?.containers[0]?.image ?? '', status?.replicas ?? 0]);
  };
  const counts = async (): Promise<Deployment['status']> =>
    (await kubectl.json<Deployment>('get', 'deployment', 'web')).status;

  test('kubectl apply makes a Deployment of 6: six pods, six containers', async () => {
    expect(await kubectl.apply(webDeployment({ name: 'web', replicas: 6 }))).toContain('deployment.apps/web created');
    await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=60s');
    await untilReady(kubectl, namespace, { app: 'web', count: 6, withinMs });
    expect(await counts()).toMatchObject({ replicas: 6, readyReplicas: 6, availableReplicas: 6, updatedReplicas: 6 });
    expect(await docker.runningOf({ namespace })).toHaveLength(6);
    expect(await kubectl.run('get', 'deployment', 'web', '--no-headers')).toMatch(/^web +6\/6 +6 +6 /);
  });

  test('kubectl scale makes it 12, spread over all nodes', async () => {
    await kubectl.run('scale', 'deployment/web', '--replicas=12');
    await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=60s');
    const pods = await untilReady(kubectl, namespace, { app: 'web', count: 12, withinMs });
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(4);
    expect(await docker.runningOf({ namespace })).toHaveLength(12);
  });

  test('set image rolls over to the new image and keeps the old ReplicaSet', async () => {
    await kubectl.run('set', 'image', 'deployment/web', `web=${newerImage}`);
    expect(await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=90s')).toContain(
      'successfully rolled out',
    );
    expect(await counts()).toMatchObject({ replicas: 12, updatedReplicas: 12, availableReplicas: 12 });
    expect(await replicaSets()).toEqual([
      [image, 0],
      [newerImage, 12],
    ]);
    await untilReady(kubectl, namespace, { app: 'web', count: 12, withinMs });
    const running = await docker.runningOf({ namespace });
    expect(running.map(({ Config }) => Config.Image)).toEqual(Array(12).fill(newerImage));
    expect(await kubectl.run('rollout', 'history', 'deployment/web')).toMatch(/^1 .*\n2 /m);
  });

  test('rollout undo takes the old ReplicaSet up again', async () => {
    expect(await kubectl.run('rollout', 'undo', 'deployment/web')).toContain('rolled back');
    await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=90s');
    expect(await replicaSets()).toEqual([
      [image, 12],
      [newerImage, 0],
    ]);
    expect(await kubectl.run('rollout', 'history', 'deployment/web')).toMatch(/^2 .*\n3 /m);
  });
}
