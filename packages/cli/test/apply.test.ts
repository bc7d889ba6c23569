import { realWorld } from '@berth/world';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { apply } from '../src/commands/apply.ts';
import { type ClusterFixture, openCluster, paper } from './cluster-fixture.ts';

// Processes and sockets, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cluster: ClusterFixture;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

interface Applied {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

async function applied(
  name: string,
  content: string,
  options: { readonly dryRun?: boolean; readonly namespace?: string } = {},
): Promise<Applied> {
  const terminal = paper();
  const file = await cluster.file(name, content);
  const code = await apply(cluster.client, terminal, realWorld, [file], { dryRun: false, ...options });
  const { err, out } = terminal.take();
  return { code, out, err: err.map((line) => line.replaceAll(file, name)) };
}

interface Live {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
  };
  // biome-ignore lint/suspicious/noExplicitAny: looked into by path.
  readonly spec: any;
  readonly data?: Readonly<Record<string, string>>;
}

const live = (path: string): Promise<Live> => cluster.client.json<Live>({ path });
const deployments = '/apis/apps/v1/namespaces/default/deployments';

const deployment = (name: string, lines: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector: { matchLabels: { app: ${name} } }
${lines}
`;
const template = (name: string, containers: string): string => `  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
${containers}`;

test('created, unchanged, configured, and unchanged again', async () => {
  const web = (image: string): string =>
    deployment('web', `  replicas: 2\n${template('web', `        - { name: web, image: "${image}" }`)}`);
  expect(await applied('web.yaml', web('web:1'))).toEqual({ code: 0, out: ['deployment.apps/web created'], err: [] });
  expect((await applied('web.yaml', web('web:1'))).out).toEqual(['deployment.apps/web unchanged']);
  expect((await applied('web.yaml', web('web:2'))).out).toEqual(['deployment.apps/web configured']);
  expect((await live(`${deployments}/web`)).spec.template.spec.containers[0].image).toBe('web:2');
  expect((await applied('web.yaml', web('web:2'))).out).toEqual(['deployment.apps/web unchanged']);
});

test('what others have set stays, what the file has dropped goes', async () => {
  const settings = (lines: string): string =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, labels: {a: "1"}}, data: {${lines}}}`;
  await applied('settings.yaml', settings('mine: x, dropped: w'));
  await cluster.client.json({
    method: 'PATCH',
    path: '/api/v1/namespaces/default/configmaps/settings',
    contentType: 'application/merge-patch+json',
    body: { data: { others: 'z' } },
  });
  expect((await applied('settings.yaml', settings('mine: x'))).out).toEqual(['configmap/settings configured']);
  expect((await live('/api/v1/namespaces/default/configmaps/settings')).data).toEqual({ mine: 'x', others: 'z' });
});

test('an environment variable that the file has dropped goes, another container stays', async () => {
  const two = (env: string): string =>
    deployment(
      'two',
      template('two', `        - { name: a, image: "a:1", env: [${env}] }\n        - { name: b, image: "b:1" }`),
    );
  await applied('two.yaml', two('{name: A, value: "1"}, {name: B, value: "2"}'));
  expect((await applied('two.yaml', two('{name: A, value: "1"}'))).out).toEqual(['deployment.apps/two configured']);
  const { containers } = (await live(`${deployments}/two`)).spec.template.spec;
  expect(containers).toMatchObject([{ name: 'a', env: [{ name: 'A', value: '1' }] }, { name: 'b' }]);
  expect(containers[0].env).toHaveLength(1);
});

test('a strategy that is a union changes sides', async () => {
  const recreated = (strategy: string): string =>
    deployment('union', `  strategy: ${strategy}\n${template('union', '        - { name: a, image: "a:1" }')}`);
  await applied('union.yaml', recreated('{ type: RollingUpdate, rollingUpdate: { maxSurge: 2 } }'));
  expect((await applied('union.yaml', recreated('{ type: Recreate }'))).out).toEqual([
    'deployment.apps/union configured',
  ]);
  expect((await live(`${deployments}/union`)).spec.strategy).toEqual({ type: 'Recreate' });
});

test('a list is re-sent whole where its elements cannot be told apart, and is unchanged when nothing moves', async () => {
  const dns = `
apiVersion: v1
kind: Service
metadata: { name: dns }
spec:
  ports:
    - { name: dns, port: 53, protocol: UDP }
    - { name: dns-tcp, port: 53, protocol: TCP }
`;
  expect((await applied('dns.yaml', dns)).out).toEqual(['service/dns created']);
  expect((await applied('dns.yaml', dns)).out).toEqual(['service/dns unchanged']);
  const { ports } = (await live('/api/v1/namespaces/default/services/dns')).spec;
  expect(ports.map(({ protocol }: { protocol: string }) => protocol)).toEqual(['UDP', 'TCP']);
});

test('a dry run says what would happen and stores nothing', async () => {
  const dry = (value: string): string =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: dry}, data: {a: "${value}"}}`;
  expect((await applied('dry.yaml', dry('1'), { dryRun: true })).out).toEqual([
    'configmap/dry created (server dry run)',
  ]);
  await expect(live('/api/v1/namespaces/default/configmaps/dry')).rejects.toThrow('not found');
  await applied('dry.yaml', dry('1'));
  expect((await applied('dry.yaml', dry('2'), { dryRun: true })).out).toEqual([
    'configmap/dry configured (server dry run)',
  ]);
  expect((await applied('dry.yaml', dry('1'), { dryRun: true })).out).toEqual([
    'configmap/dry unchanged (server dry run)',
  ]);
  expect((await live('/api/v1/namespaces/default/configmaps/dry')).data).toEqual({ a: '1' });
});

test('an object that was made otherwise is taken over with a warning, once', async () => {
  await cluster.client.json({
    method: 'POST',
    path: '/api/v1/namespaces/default/configmaps',
    body: { metadata: { name: 'found' }, data: { kept: '1' } },
  });
  const file = '{apiVersion: v1, kind: ConfigMap, metadata: {name: found}, data: {added: "2"}}';
  const first = await applied('found.yaml', file);
  expect(first.out).toEqual(['configmap/found configured']);
  expect(first.err).toEqual([expect.stringContaining('configmap/found was not made by apply')]);
  expect((await applied('found.yaml', file)).err).toEqual([]);
  expect((await live('/api/v1/namespaces/default/configmaps/found')).data).toEqual({ kept: '1', added: '2' });
});

test('a refusal names the places in the file, and does not stop the other objects', async () => {
  const file = `apiVersion: v1
kind: Pod
metadata:
  name: wrong
spec:
  containers:
    - name: web
      image: web:1
      resources:
        requests:
          cpu: much
---
apiVersion: v1
kind: ConfigMap
metadata: { name: right }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: unknown-field }
dada: { a: b }
`;
  const { code, err, out } = await applied('mixed.yaml', file);
  expect(code).toBe(1);
  expect(out).toEqual(['configmap/right created']);
  expect(err).toEqual([
    expect.stringMatching(/^mixed\.yaml: Error from server \(.*much/),
    '  mixed.yaml:11:11: spec.containers[0].resources.requests[cpu]',
    expect.stringMatching(/^mixed\.yaml: Error from server \(BadRequest\): .*unknown field "dada"/),
    '  mixed.yaml:20:1: dada',
  ]);
});

test('a namespace on the command line must not contradict the file', async () => {
  const file = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}';
  await expect(applied('ns.yaml', file, { namespace: 'other' })).rejects.toThrow(
    'ConfigMap "a" says namespace "default", the command line says "other"',
  );
});

test('the record of what was applied is the text that kubectl would leave', async () => {
  const file = '{kind: ConfigMap, apiVersion: v1, metadata: {name: record}, data: {b: "<&>", a: "1"}}';
  await applied('record.yaml', file);
  const { annotations } = (await live('/api/v1/namespaces/default/configmaps/record')).metadata;
  expect(annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toBe(
    '{"apiVersion":"v1","data":{"a":"1","b":"\\u003c\\u0026\\u003e"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"record","namespace":"default"}}\n',
  );
});

test('two who apply at once both succeed: a lost race is read again', async () => {
  const file = (key: string): string =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: race, labels: {${key}: "1"}}}`;
  await applied('race.yaml', file('a'));
  const outcomes = await Promise.all(['b', 'c', 'd', 'e'].map((key) => applied(`race-${key}.yaml`, file(key))));
  expect(outcomes.map(({ code, out }) => [code, ...out])).toEqual(outcomes.map(() => [0, 'configmap/race configured']));
});
