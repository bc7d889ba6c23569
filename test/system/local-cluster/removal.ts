import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { Docker } from '../support/docker.ts';
import { webDeployment } from '../support/manifests.ts';
import { untilReady } from '../support/pod-facts.ts';
import { until } from '../support/waiting.ts';

const namespace = 'removal';
const withinMs = 30_000;

export function removal(cluster: Cluster): void {
  const kubectl = cluster.kubectl.in(namespace);
  const docker = new Docker();
  const names = (resources: string): Promise<string> =>
    kubectl.run('get', resources, '-o', 'name', '--ignore-not-found');

  test('deleting a Deployment deletes what it owns; orphaning leaves it', async () => {
    await cluster.kubectl.run('create', 'namespace', namespace);
    await kubectl.apply(
      webDeployment({ name: 'owner', replicas: 1 }),
      webDeployment({ name: 'orphaner', replicas: 1 }),
    );
    await untilReady(kubectl, namespace, { app: 'owner', count: 1, withinMs });
    const [orphan] = await untilReady(kubectl, namespace, { app: 'orphaner', count: 1, withinMs });
    await kubectl.run('delete', 'deployment', 'owner');
    await kubectl.run('delete', 'deployment', 'orphaner', '--cascade=orphan');
    await untilReady(kubectl, namespace, { app: 'owner', count: 0, withinMs });
    expect(await kubectl.run('get', 'replicasets,pods', '-l', 'app=owner', '-o', 'name')).toBe('');
    expect(
      (await kubectl.run('get', 'pods', '-l', 'app=orphaner', '-o', 'jsonpath={.items[*].metadata.uid}')).trim(),
    ).toBe(orphan?.metadata.uid);
  });

  test('kubectl delete namespace returns when nothing is left: no object, no container', async () => {
    await kubectl.run('create', 'configmap', 'settings', '--from-literal=a=b');
    await kubectl.run('create', 'secret', 'generic', 'keys', '--from-literal=a=b');
    await kubectl.run(
      'expose',
      'replicaset',
      '--selector=app=orphaner',
      '--port=80',
      '--name=orphaner',
      (await names('replicasets')).trim().split('/')[1] ?? '',
    );
    await cluster.kubectl.run('delete', 'namespace', namespace, '--timeout=60s');
    expect(await cluster.kubectl.refused('get', 'namespace', namespace)).toContain('NotFound');
    expect(
      await names(
        'pods,replicasets,deployments,services,endpoints,endpointslices,configmaps,secrets,serviceaccounts,events',
      ),
    ).toBe('');
    await until({
      what: 'no container of the namespace is left',
      withinMs,
      look: () => docker.withLabels({ 'berth.dev/namespace': namespace }),
      isSo: (left) => left.length === 0,
    });
  });

  test('a namespace of the same name starts empty', async () => {
    await cluster.kubectl.run('create', 'namespace', namespace);
    await until({
      what: 'the new namespace has its defaults, and nothing else',
      withinMs,
      look: () => names('configmaps,serviceaccounts,pods,secrets'),
      isSo: (seen) => seen === 'configmap/kube-root-ca.crt\nserviceaccount/default\n',
    });
    await cluster.kubectl.run('delete', 'namespace', namespace, '--wait=false');
  });
}
