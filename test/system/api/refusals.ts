import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ApiClient,
  type ApiRequest,
  adminCredentials,
  type Credentials,
  type StatusView,
  serverUrls,
} from '../support/api-client.ts';
import type { Cluster, Host } from '../support/cluster.ts';
import { webDeployment } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { until } from '../support/waiting.ts';

const namespace = 'refusals';
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const strict = '?fieldValidation=Strict';
const yaml = { 'content-type': 'application/yaml' };

interface Refusal extends ApiRequest {
  readonly what: string;
  readonly code: number;
  readonly reason: string;
  readonly message: RegExp;
  /** Field paths of the causes, in order. */
  readonly fields?: readonly string[];
}

const map = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const present = 'configmap/kube-root-ca.crt\nconfigmap/present\n';

/** A Deployment in which one container is changed. */
function deploymentWith(container: object, spec: object = {}): object {
  const template = {
    metadata: { labels: { app: 'x' } },
    spec: { containers: [{ name: 'main', image: 'x', ...container }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x' },
    spec: { selector: { matchLabels: { app: 'x' } }, template, ...spec },
  };
}
const container = 'spec.template.spec.containers[0]';

const refusedBodies: readonly Refusal[] = [
  {
    what: 'malformed YAML',
    path: configMaps,
    headers: yaml,
    body: 'kind: ConfigMap\n  bad: [indent',
    code: 400,
    reason: 'BadRequest',
    message: /yaml|line 2/i,
  },
  {
    what: 'malformed JSON',
    path: configMaps,
    body: '{"kind": "ConfigMap",',
    code: 400,
    reason: 'BadRequest',
    message: /json|position|unexpected/i,
  },
  {
    what: 'no object at all',
    path: configMaps,
    body: '[]',
    code: 400,
    reason: 'BadRequest',
    message: /cannot be handled as a ConfigMap: json: cannot unmarshal array/,
  },
  { what: 'an empty body', path: configMaps, body: '', code: 400, reason: 'BadRequest', message: /empty|body/i },
  {
    what: 'an unknown field',
    path: deployments + strict,
    body: deploymentWith({}, { replcas: 2 }),
    code: 400,
    reason: 'BadRequest',
    message: /unknown field "spec\.replcas"/,
  },
  {
    what: 'a field twice',
    path: configMaps + strict,
    body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}',
    code: 400,
    reason: 'BadRequest',
    message: /duplicate field "metadata\.name"/,
  },
  {
    what: 'a text where a number belongs',
    path: deployments,
    body: deploymentWith({}, { replicas: 'two' }),
    code: 400,
    reason: 'BadRequest',
    message: /spec\.replicas/,
  },
  {
    what: 'an object where a list belongs',
    path: deployments,
    body: deploymentWith({ env: { name: 'A' } }),
    code: 400,
    reason: 'BadRequest',
    message: /env/,
  },
  {
    what: 'a bad quantity',
    path: deployments,
    body: deploymentWith({ resources: { requests: { cpu: '2 cores' } } }),
    code: 400,
    reason: 'BadRequest',
    message: /quantit/i,
  },
  {
    what: 'a limit below the request',
    path: deployments,
    body: deploymentWith({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    code: 422,
    reason: 'Invalid',
    message: /must be less than or equal to cpu limit/,
    fields: [`${container}.resources.requests`],
  },
  {
    what: 'three faults at once, all of them named',
    path: deployments,
    body: deploymentWith({ image: '', imagePullPolicy: 'Sometimes', ports: [{ containerPort: 70_000 }] }),
    code: 422,
    reason: 'Invalid',
    message: /is invalid/,
    fields: [`${container}.image`, `${container}.imagePullPolicy`, `${container}.ports[0].containerPort`],
  },
  {
    what: 'a selector that does not match the template',
    path: deployments,
    body: deploymentWith({}, { selector: { matchLabels: { app: 'other' } } }),
    code: 422,
    reason: 'Invalid',
    message: /`selector` does not match template `labels`/,
    fields: ['spec.template.metadata.labels'],
  },
  {
    what: 'a name with capitals',
    path: configMaps,
    body: map('Not-Allowed'),
    code: 422,
    reason: 'Invalid',
    message: /RFC 1123/,
    fields: ['metadata.name'],
  },
  {
    what: 'no name',
    path: configMaps,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
    code: 422,
    reason: 'Invalid',
    message: /name or generateName is required/,
    fields: ['metadata.name'],
  },
  {
    what: 'another kind than that of the path',
    path: configMaps,
    body: { ...map('x'), kind: 'Secret' },
    code: 400,
    reason: 'BadRequest',
    message: /Secret/,
  },
  {
    what: 'another namespace than that of the path',
    path: configMaps,
    body: { ...map('x'), metadata: { name: 'x', namespace: 'default' } },
    code: 400,
    reason: 'BadRequest',
    message: /does not match/,
  },
  {
    what: 'a namespace that does not exist',
    path: configMaps.replace(namespace, 'nowhere'),
    body: map('x'),
    code: 404,
    reason: 'NotFound',
    message: /namespaces "nowhere" not found/,
  },
  {
    what: 'a body of another media type',
    path: configMaps,
    headers: { 'content-type': 'text/csv' },
    body: 'a,b',
    code: 415,
    reason: 'UnsupportedMediaType',
    message: /media type/i,
  },
  {
    what: 'a body of 4 MiB',
    path: configMaps,
    body: map('big', { data: { x: 'y'.repeat(4 << 20) } }),
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: /too large|limit/i,
  },
  {
    what: 'more data than a ConfigMap may hold',
    path: configMaps,
    body: map('big', { data: { x: 'y'.repeat((1 << 20) + 1) } }),
    code: 422,
    reason: 'Invalid',
    message: /Too long/i,
  },
  {
    what: 'a duplicate name',
    path: configMaps,
    body: map('present'),
    code: 409,
    reason: 'AlreadyExists',
    message: /configmaps "present" already exists/,
  },
  {
    what: 'a stale resourceVersion',
    method: 'PUT',
    path: `${configMaps}/present`,
    body: { ...map('present'), metadata: { name: 'present', resourceVersion: '1' } },
    code: 409,
    reason: 'Conflict',
    message: /object has been modified/,
  },
  {
    what: 'a change of what may not change',
    method: 'PATCH',
    path: '/api/v1/namespaces/default/services/kubernetes',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { spec: { clusterIP: '10.96.0.77' } },
    code: 422,
    reason: 'Invalid',
    message: /field is immutable|may not change/,
    fields: ['spec.clusterIPs[0]'],
  },
  {
    what: 'an object that does not exist',
    method: 'GET',
    path: `${configMaps}/absent`,
    code: 404,
    reason: 'NotFound',
    message: /configmaps "absent" not found/,
  },
  {
    what: 'a resource that does not exist',
    method: 'GET',
    path: '/apis/apps/v1/unicorns',
    code: 404,
    reason: 'NotFound',
    message: /could not find the requested resource/,
  },
  {
    what: 'a method that the resource does not have',
    method: 'POST',
    path: '/api/v1/nodes/node-1',
    body: {},
    code: 405,
    reason: 'MethodNotAllowed',
    message: /create is not supported on resources of kind "nodes"/,
  },
  {
    what: 'a bad label selector',
    method: 'GET',
    path: `${configMaps}?labelSelector=a%3D%3D%3Db`,
    code: 400,
    reason: 'BadRequest',
    message: /unable to parse requirement/,
  },
];

export function refusals(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  let admin: Credentials;
  let server = '';
  let processes: readonly Host[] = [];
  let client: ApiClient;
  /** Everything that these requests could have stored. */
  const stored = async (): Promise<unknown> => {
    const lists = await Promise.all([configMaps, deployments].map((path) => client.ask({ path })));
    return lists.map(({ body }) => (body as { items: unknown }).items);
  };

  beforeAll(async () => {
    admin = await adminCredentials(cluster);
    [server = ''] = await serverUrls(cluster);
    client = new ApiClient(server, admin);
    processes = await cluster.hosts();
    await kubectl.run('create', 'configmap', 'present');
    const names = (): Promise<string> => kubectl.run('get', 'configmaps', '-o', 'name');
    await until({ what: 'the namespace is complete', withinMs: 10_000, look: names, isSo: (seen) => seen === present });
  });
  afterAll(async () => {
    // The server is unharmed: the same processes, ready, with the same objects.
    expect(await cluster.hosts()).toEqual(processes);
    expect(await kubectl.run('get', '--raw', '/readyz')).toBe('ok');
    expect(await kubectl.run('get', 'configmaps,deployments,secrets,services,pods', '-o', 'name')).toBe(present);
    client[Symbol.dispose]();
  });

  test.each(refusedBodies)('$what: $code $reason', async ({ what: _what, code, reason, message, fields, ...asked }) => {
    const before = await stored();
    const refused = await client.ask({ method: 'POST', ...asked });
    const status = refused.body as StatusView;
    expect(refused.code, JSON.stringify(status)).toBe(code);
    expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason });
    expect(status.message).toMatch(message);
    if (fields !== undefined)
      expect(status.details?.causes?.map(({ field }) => field ?? '').sort()).toEqual([...fields].sort());
    expect(await stored()).toEqual(before);
  });

  test.each([
    { what: 'nobody (no certificate, no token)', headers: {} },
    { what: 'a token that nobody gave out', headers: { authorization: 'Bearer let-me-in' } },
    { what: 'a password', headers: { authorization: `Basic ${btoa('admin:admin')}` } },
  ])('$what: 401 Unauthorized, for reading and for writing', async ({ headers }) => {
    using nobody = new ApiClient(server, { ca: admin.ca });
    for (const asked of [{ path: configMaps }, { method: 'POST', path: configMaps, body: map('stolen') }]) {
      const refused = await nobody.ask({ ...asked, headers });
      expect(refused.body).toMatchObject({ kind: 'Status', status: 'Failure', code: 401, reason: 'Unauthorized' });
      expect(refused.code).toBe(401);
    }
  });

  test('kubectl shows refusals as sentences with the field path', async () => {
    const typo = JSON.stringify(deploymentWith({ imagee: 'x' }));
    const unknown = await kubectl.attempt(['apply', '-f', '-'], typo);
    expect(unknown.stderr).toContain(`strict decoding error: unknown field "${container}.imagee"`);
    const negative = await kubectl.attempt(
      ['apply', '-f', '-'],
      JSON.stringify(webDeployment({ name: 'x', replicas: -1 })),
    );
    expect(negative.stderr).toMatch(
      /The Deployment "x" is invalid: spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
    );
  });

  test('a certificate of another authority does not even complete the TLS handshake, or is nobody', async () => {
    const stranger = await cluster.kubectl
      .with({}, '--token', 'wrong', '--kubeconfig', '/dev/null', '--server', server, '--insecure-skip-tls-verify')
      .refused('get', 'pods');
    expect(stranger).toMatch(/Unauthorized|must be logged in/);
  });
}
