import type { Deployment } from '@berth/api';
import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { webDeployment } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { untilReady } from '../support/pod-facts.ts';

const namespace = 'without-kubectl';

/** A machine without kubectl is not lost: `berth` speaks to the same API. kubectl only checks here. */
export function berthCommand(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const apply = (object: object): Promise<{ code: number; stdout: string; stderr: string }> =>
    cluster.attemptBerth(['apply', '-n', namespace, '-f', '-'], JSON.stringify(object));

  test('berth apply creates, changes, and leaves alone what is so already', async () => {
    expect((await apply(webDeployment({ name: 'web', replicas: 1 }))).stdout).toBe('deployment.apps/web created\n');
    expect((await apply(webDeployment({ name: 'web', replicas: 1 }))).stdout).toBe('deployment.apps/web unchanged\n');
    expect((await apply(webDeployment({ name: 'web', replicas: 2 }))).stdout).toBe('deployment.apps/web configured\n');
    await untilReady(kubectl, namespace, { app: 'web', count: 2, withinMs: 30_000 });
  });

  test('kubectl can go on where berth apply has begun', async () => {
    expect(await kubectl.apply(webDeployment({ name: 'web', replicas: 2 }))).toBe('deployment.apps/web unchanged\n');
  });

  test("berth get prints the server's tables, as kubectl does", async () => {
    const said = await cluster.berth('get', 'deployments', '-n', namespace);
    expect(said.replaceAll(/ +/g, ' ')).toMatch(/^NAME READY UP-TO-DATE AVAILABLE AGE\nweb 2\/2 2 2 \S+\n$/);
    const nodes = await cluster.berth('get', 'nodes', '-o', 'name');
    expect(nodes).toBe(await cluster.kubectl.run('get', 'nodes', '-o', 'name'));
    const object = JSON.parse(
      await cluster.berth('get', 'deployment', 'web', '-n', namespace, '-o', 'json'),
    ) as Deployment;
    expect(object.spec?.replicas).toBe(2);
  });

  test('berth scale changes the count', async () => {
    await cluster.berth('scale', 'deployment/web', '--replicas', '1', '-n', namespace);
    await untilReady(kubectl, namespace, { app: 'web', count: 1, withinMs: 30_000 });
  });

  test('berth describe and berth logs show a pod', async () => {
    const [pod] = await untilReady(kubectl, namespace, { app: 'web', count: 1, withinMs: 30_000 });
    const name = pod?.metadata.name ?? '';
    expect(await cluster.berth('describe', 'pod', name, '-n', namespace)).toMatch(
      new RegExp(`${name}[\\s\\S]*Scheduled`),
    );
    expect(await cluster.berth('logs', name, '-n', namespace)).toBe('serving version 1\n');
    expect(await cluster.berth('logs', 'deployment/web', '-n', namespace)).toBe('serving version 1\n');
  });

  test('berth delete removes it', async () => {
    await cluster.berth('delete', 'deployment', 'web', '-n', namespace);
    expect(await kubectl.refused('get', 'deployment', 'web')).toContain('not found');
    await untilReady(kubectl, namespace, { app: 'web', count: 0, withinMs: 30_000 });
  });

  test('berth status says in one glance that all is well', async () => {
    const { code, stdout } = await cluster.attemptBerth(['status']);
    const { items, leader } = await cluster.servers();
    for (const { name } of items)
      expect(stdout).toMatch(new RegExp(`^${name} +ready +${name === leader ? 'leader' : 'voter'} `, 'm'));
    expect(stdout).toContain('Nodes: 4 of 4 ready');
    expect(code).toBe(0);
  });

  test('a refusal ends with exit code 1 and a sentence', async () => {
    const { code, stderr } = await cluster.attemptBerth(['get', 'pod', 'nobody', '-n', namespace]);
    expect(stderr).toMatch(/pods "nobody" not found/);
    expect(code).toBe(1);
  });
}
