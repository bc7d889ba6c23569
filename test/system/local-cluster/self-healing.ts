import type { Pod } from '@berth/api';
import { expect, test } from 'vitest';
import { killContainer, loseContainer, replacePod } from '../scenarios/container-loss.ts';
import type { Cluster } from '../support/cluster.ts';
import { Docker } from '../support/docker.ts';
import { webDeployment } from '../support/manifests.ts';
import { record } from '../support/measured-times.ts';
import { storyNamespace } from '../support/namespace.ts';
import { isReady, restartsOf, untilPods, untilReady } from '../support/pod-facts.ts';
import { patience, promises } from '../support/promises.ts';

const namespace = 'self-healing';

export function selfHealing(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const docker = new Docker();
  const place = { kubectl, docker, namespace, app: 'web' };
  const podOf = (name: string): Promise<Pod> => kubectl.json<Pod>('get', 'pod', name);

  test('docker kill: the container runs again, one restart is counted', async () => {
    await kubectl.apply(webDeployment({ name: 'web', replicas: 2 }));
    const [victim, bystander] = await untilReady(kubectl, namespace, { app: 'web', count: 2, withinMs: 60_000 });
    if (victim === undefined || bystander === undefined) throw new Error('two pods were wanted');
    record(promises.containerKilled, await killContainer(place, victim, patience(promises.containerKilled)));
    const after = await podOf(victim.metadata.name ?? '');
    expect(after.metadata.uid).toBe(victim.metadata.uid);
    expect(after.status?.podIP).toBe(victim.status?.podIP);
    expect(restartsOf(after)).toBe(1);
    expect(after.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 137 });
    expect(restartsOf(await podOf(bystander.metadata.name ?? ''))).toBe(0);
    expect(await kubectl.run('get', 'pod', victim.metadata.name ?? '', '--no-headers')).toMatch(/1\/1 +Running +1 \(/);
  });

  test('docker rm -f: the container is made anew, one more restart is counted', async () => {
    const [victim] = (await untilReady(kubectl, namespace, { app: 'web', count: 2, withinMs: 30_000 })).filter(
      (pod) => restartsOf(pod) === 1,
    );
    if (victim === undefined) throw new Error('no pod has one restart');
    record(promises.containerRemoved, await loseContainer(place, victim, patience(promises.containerRemoved)));
    const after = await podOf(victim.metadata.name ?? '');
    expect(after.metadata.uid).toBe(victim.metadata.uid);
    expect(restartsOf(after)).toBe(2);
    const pod = after.metadata.name ?? '';
    expect(await docker.runningOf({ namespace, pod })).toHaveLength(1);
  });

  test('docker rm -f of the sandbox: the pod gets a new one, keeps its name and runs again', async () => {
    const pods = await untilReady(kubectl, namespace, { app: 'web', count: 2, withinMs: 60_000 });
    const victim = pods.find((each) => restartsOf(each) === 0);
    const pod = victim?.metadata.name ?? '';
    const [sandbox] = await docker.withLabels({
      'berth.dev/namespace': namespace,
      'berth.dev/pod': pod,
      'berth.dev/role': 'sandbox',
    });
    await docker.run('rm', '--force', sandbox?.Id ?? '');
    await untilPods(kubectl, namespace, {
      app: 'web',
      what: `${pod} has new containers and is Ready`,
      withinMs: 30_000,
      isSo: (pods) =>
        pods.some(
          (each) =>
            each.metadata.uid === victim?.metadata.uid && isReady(each) && restartsOf(each) > restartsOf(victim as Pod),
        ),
    });
    expect(await docker.runningOf({ namespace })).toHaveLength(2);
  });

  test('kubectl delete pod: another one takes its place', async () => {
    const [victim] = await untilReady(kubectl, namespace, { app: 'web', count: 2, withinMs: 30_000 });
    if (victim === undefined) throw new Error('a pod was wanted');
    record(promises.podDeleted, await replacePod(place, victim, patience(promises.podDeleted)));
    const pods = await untilReady(kubectl, namespace, { app: 'web', count: 2, withinMs: 30_000 });
    expect(pods.map(({ metadata }) => metadata.uid)).not.toContain(victim.metadata.uid);
    expect(await docker.containersOf({ namespace, pod: victim.metadata.name ?? '' })).toEqual([]);
  });
}
