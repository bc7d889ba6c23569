import type { Container, Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { expect, test } from 'vitest';
import { ConfigStore } from '../src/container/config-store.ts';
import { environmentOf } from '../src/container/environment.ts';
import { serviceEnvironment } from '../src/container/service-environment.ts';
import { expandVariables } from '../src/container/variable-expansion.ts';
import { aPod } from './support/fake-node.ts';

const facts = {
  nodeName: 'n1',
  hostIps: ['192.0.2.1', '192.0.2.2'],
  podIp: '10.244.1.5',
  allocatable: { cpu: '2', memory: '8Gi' },
};

function environment(
  container: Partial<Container>,
  pod: Pod = aPod(),
  services: ReadonlyMap<string, string> = new Map(),
) {
  const config = new ConfigStore();
  config.put('ConfigMap', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'map', namespace: 'default' },
    data: { a: '1', 'b.c': '2' },
  });
  config.put('Secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'secret', namespace: 'default' },
    data: { key: 'dmFsdWU=' },
  });
  return Object.fromEntries(environmentOf(pod, { name: 'web', ...container }, { config, facts, services }));
}

test.each([
  ['$(A)', 'one'],
  ['$(A)$(B)', 'onetwo'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$(MISSING) $(A', '$(MISSING) $(A'],
  ['$A $', '$A $'],
  ['', ''],
])('%j expands to %j', (text, expanded) => {
  expect(expandVariables(text, (name) => ({ A: 'one', B: 'two' })[name])).toBe(expanded);
});

test('a variable sees those before it, not those after it', () => {
  const env = [
    { name: 'FIRST', value: '$(SECOND)' },
    { name: 'SECOND', value: 'x' },
    { name: 'THIRD', value: '$(SECOND)y' },
  ];
  expect(environment({ env })).toEqual({ FIRST: '$(SECOND)', SECOND: 'x', THIRD: 'xy' });
});

test('env wins over envFrom, and both over the services, which can still be used', () => {
  const services = new Map([
    ['DB_SERVICE_HOST', '10.96.0.7'],
    ['a', 'service'],
  ]);
  const env = [
    { name: 'URL', value: 'http://$(DB_SERVICE_HOST)/' },
    { name: 'P_key', value: 'mine' },
  ];
  const envFrom = [{ configMapRef: { name: 'map' } }, { prefix: 'P_', secretRef: { name: 'secret' } }];
  expect(environment({ env, envFrom }, aPod(), services)).toEqual({
    a: '1',
    'b.c': '2',
    P_key: 'mine',
    URL: 'http://10.96.0.7/',
    DB_SERVICE_HOST: '10.96.0.7',
  });
});

test.each([
  ['metadata.name', 'web-1'],
  ['metadata.namespace', 'default'],
  ['metadata.uid', 'u1'],
  ["metadata.labels['app']", 'shop'],
  ["metadata.annotations['note']", ''],
  ['spec.nodeName', 'n1'],
  ['spec.serviceAccountName', 'robot'],
  ['status.hostIP', '192.0.2.1'],
  ['status.hostIPs', '192.0.2.1,192.0.2.2'],
  ['status.podIP', '10.244.1.5'],
])('fieldRef %s is %j', (fieldPath, value) => {
  const pod = aPod({ serviceAccountName: 'robot' }, { labels: { app: 'shop' } });
  expect(environment({ env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath } } }] }, pod)).toEqual({ X: value });
});

test.each([
  { resource: 'limits.cpu', divisor: '1m', value: '500' },
  { resource: 'limits.cpu', divisor: '1', value: '1' },
  { resource: 'requests.cpu', value: '1' },
  { resource: 'limits.memory', divisor: '1Mi', value: '8192' },
  { resource: 'requests.memory', divisor: '1Ki', value: '65536' },
])('resourceFieldRef $resource by $divisor is $value; without a limit the node sets it', ({ value, ...selector }) => {
  const resources = { limits: { cpu: '500m' }, requests: { cpu: '250m', memory: '64Mi' } };
  expect(environment({ resources, env: [{ name: 'X', valueFrom: { resourceFieldRef: selector } }] })).toEqual({
    X: value,
  });
});

test.each([
  {
    what: 'a ConfigMap',
    valueFrom: { configMapKeyRef: { name: 'nope', key: 'a' } },
    message: 'configmap "nope" not found',
  },
  {
    what: 'a key',
    valueFrom: { configMapKeyRef: { name: 'map', key: 'z' } },
    message: "couldn't find key z in ConfigMap default/map",
  },
  { what: 'a Secret', valueFrom: { secretKeyRef: { name: 'nope', key: 'a' } }, message: 'secret "nope" not found' },
])('$what that is missing is named, unless it is optional', ({ valueFrom, message }) => {
  expect(() => environment({ env: [{ name: 'X', valueFrom }] })).toThrow(message);
  const [[kind, reference] = ['', {}]] = Object.entries(valueFrom);
  expect(environment({ env: [{ name: 'X', valueFrom: { [kind]: { ...reference, optional: true } } }] })).toEqual({});
});

function entry(name: string, namespace: string, clusterIp: string): agentV1.ServiceEntry {
  const port = { name: 'http', protocol: 'TCP', port: 80, nodePort: 0, endpoints: [] };
  return {
    name,
    namespace,
    clusterIp,
    ports: [port],
    affinitySeconds: 0,
    externalName: '',
    publishNotReadyAddresses: false,
    externalIps: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
  };
}

test('services of the namespace and the API are told as Docker links were', () => {
  const services = [
    entry('my-db', 'default', '10.96.0.7'),
    entry('other', 'elsewhere', '10.96.0.8'),
    entry('bare', 'default', ''),
  ];
  const variables = Object.fromEntries(
    serviceEnvironment(aPod(), [...services, entry('kubernetes', 'default', '10.96.0.1')]),
  );
  expect(variables).toMatchObject({
    MY_DB_SERVICE_HOST: '10.96.0.7',
    MY_DB_SERVICE_PORT: '80',
    MY_DB_SERVICE_PORT_HTTP: '80',
    MY_DB_PORT: 'tcp://10.96.0.7:80',
    MY_DB_PORT_80_TCP: 'tcp://10.96.0.7:80',
    MY_DB_PORT_80_TCP_PROTO: 'tcp',
    MY_DB_PORT_80_TCP_PORT: '80',
    MY_DB_PORT_80_TCP_ADDR: '10.96.0.7',
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
  });
  expect(Object.keys(variables).some((name) => name.startsWith('OTHER') || name.startsWith('BARE'))).toBe(false);
});

test('without service links only the API is told', () => {
  const services = [entry('db', 'default', '10.96.0.7'), entry('kubernetes', 'default', '10.96.0.1')];
  const names = [...serviceEnvironment(aPod({ enableServiceLinks: false }), services).keys()];
  expect(names.every((name) => name.startsWith('KUBERNETES_'))).toBe(true);
});
