import type { Pod, Service } from '@berth/api';
import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { ask, whoAnswers } from '../support/http-answers.ts';
import { webDeployment } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { untilReady } from '../support/pod-facts.ts';
import { until } from '../support/waiting.ts';

const namespace = 'services';
const withinMs = 30_000;
/** The demo's image: Node resolves names the way every program with a C library does. */
const clientImage = 'berth.dev/hello:1';

const selector = { app: 'web' };
const ports = [{ name: 'http', port: 80, targetPort: 'http' }];
const web = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { type: 'NodePort', selector, ports },
};
const headless = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'headless' },
  spec: { clusterIP: 'None', selector, ports },
};

/** Runs in a pod: every name's addresses, then what the service answers under its name. */
const lookUp = `
const { lookup } = require('node:dns').promises;
const addresses = (name) => lookup(name, { all: true, family: 4 }).then((all) => all.map((each) => each.address).sort(), (error) => [error.code]);
(async () => {
  const names = {};
  for (const name of process.argv.slice(1)) names[name] = await addresses(name);
  const page = await fetch('http://web.services').then((answer) => answer.text());
  console.log(JSON.stringify({ names, page: page.trim() }));
})();
`;

interface LookedUp {
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly page: string;
}

export function services(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  let pods: readonly Pod[] = [];
  let service: Service;
  const pages = (): readonly string[] => pods.map(({ metadata }) => `${metadata.name} version 1`).sort();
  const spec = (): NonNullable<Service['spec']> => service.spec ?? {};

  beforeAll(async () => {
    await kubectl.apply(webDeployment({ name: 'web', replicas: 3 }), web, headless);
    pods = await untilReady(kubectl, namespace, { app: 'web', count: 3, withinMs });
    service = await kubectl.json<Service>('get', 'service', 'web');
  });

  /** Asks often enough that each of three pods answers, but for a chance of one in ten million. */
  const answersOf = (url: string): Promise<readonly string[]> =>
    until({
      what: `all pods answer behind ${url}`,
      withinMs,
      look: () => whoAnswers(url, 40),
      isSo: (seen) => String(seen) === String(pages()),
    });

  test('the cluster IP is answered by every pod in turn', async () => {
    await answersOf(`http://${spec().clusterIP}/`);
  });

  test("the node port is answered at every node's address", async () => {
    const nodePort = spec().ports?.[0]?.nodePort;
    for (const { address } of await cluster.nodes()) await answersOf(`http://${address}:${nodePort}/`);
  });

  test('names resolve in pods: short, with the namespace, in full; headless ones to the pods; from other namespaces too', async () => {
    const addresses = pods.map(({ status }) => status?.podIP ?? '').sort();
    const ip = [spec().clusterIP];
    const local = await lookedUp(kubectl.in(namespace), 'client', [
      'web',
      'web.services',
      'web.services.svc.cluster.local',
      'headless',
      'nobody',
    ]);
    expect(local.names).toEqual({
      web: ip,
      'web.services': ip,
      'web.services.svc.cluster.local': ip,
      headless: addresses,
      nobody: ['ENOTFOUND'],
    });
    expect(pages()).toContain(local.page);
    const remote = await lookedUp(cluster.kubectl.in('default'), 'services-client', [
      'web',
      'web.services',
      'headless.services.svc',
      'kubernetes',
    ]);
    expect(remote.names).toEqual({
      web: ['ENOTFOUND'],
      'web.services': ip,
      'headless.services.svc': addresses,
      kubernetes: ['10.96.0.1'],
    });
    expect(pages()).toContain(remote.page);
  });

  test('a pod that is not ready gets no traffic, and gets it again once it is', async () => {
    const url = `http://${spec().clusterIP}/`;
    const [first] = pods;
    const id = (first?.status?.containerStatuses?.[0]?.containerID ?? '').replace('docker://', '');
    const page = `${first?.metadata.name} version 1`;
    const engine = cluster.engineOf(first?.spec.nodeName ?? '');
    await engine.run('exec', id, 'rm', '/tmp/www/healthz');
    await until({
      what: 'the pod that is not ready answers no more',
      withinMs,
      look: () => whoAnswers(url, 40),
      isSo: (seen) => !seen.includes(page) && seen.length === 2,
    });
    await engine.run('exec', id, 'touch', '/tmp/www/healthz');
    await answersOf(url);
  });

  test('the endpoints follow a change of scale, in Endpoints and EndpointSlices', async () => {
    await kubectl.run('scale', 'deployment/web', '--replicas=1');
    [...pods] = await untilReady(kubectl, namespace, { app: 'web', count: 1, withinMs });
    await answersOf(`http://${spec().clusterIP}/`);
    const ip = pods[0]?.status?.podIP;
    expect(await kubectl.run('get', 'endpoints', 'web', '--no-headers')).toContain(`${ip}:8080`);
    expect(
      await kubectl.run(
        'get',
        'endpointslices',
        '-l',
        'kubernetes.io/service-name=web',
        '-o',
        'jsonpath={.items[*].endpoints[*].addresses[*]}',
      ),
    ).toBe(ip);
  });

  test('a deleted service answers no more', async () => {
    await kubectl.run('delete', 'service', 'web');
    const url = `http://${spec().clusterIP}/`;
    await until({
      what: `${url} is dead`,
      withinMs,
      look: () =>
        ask(url, 500).then(
          () => 'it answers',
          () => 'dead',
        ),
      isSo: (seen) => seen === 'dead',
    });
  });
}

/** Runs the look-up in a pod of its own and reads its output. */
async function lookedUp(kubectl: Cluster['kubectl'], name: string, names: readonly string[]): Promise<LookedUp> {
  await kubectl.run(
    'run',
    name,
    `--image=${clientImage}`,
    '--image-pull-policy=Never',
    '--restart=Never',
    '--command',
    '--',
    '/bin/node',
    '-e',
    lookUp,
    ...names,
  );
  await kubectl.run('wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=30s');
  const said = JSON.parse(await kubectl.run('logs', name)) as LookedUp;
  await kubectl.run('delete', 'pod', name, '--wait=false');
  return said;
}
