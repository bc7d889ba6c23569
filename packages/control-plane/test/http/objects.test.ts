import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addNode, deployment, pod } from '../registry/engine-fixture.ts';
import { openServer, type ServerFixture } from './server-fixture.ts';

let server: ServerFixture;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const maps = '/api/v1/namespaces/default/configmaps';
const map = (name: string, data: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });

describe('one object', () => {
  test('is created with 201, read back the same, replaced and deleted', async () => {
    const made = await server.call('POST', maps, map('a', { k: '1' }));
    expect(made.code).toBe(201);
    expect(made.headers['content-type']).toBe('application/json');
    expect(made.json.metadata).toMatchObject({ name: 'a', namespace: 'default' });
    expect((await server.call('GET', `${maps}/a`)).text).toBe(made.text);
    const put = await server.call('PUT', `${maps}/a`, { ...made.json, data: { k: '2' } });
    expect(put.code).toBe(200);
    expect(put.json.data).toEqual({ k: '2' });
    const gone = await server.call('DELETE', `${maps}/a`);
    expect(gone.json).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: made.json.metadata.uid },
    });
    expect((await server.call('GET', `${maps}/a`)).code).toBe(404);
  });

  test('is answered as YAML, table or metadata alone when the client asks for that', async () => {
    await server.call('POST', maps, map('a', { k: 'yes' }));
    const yaml = await server.call('GET', `${maps}/a`, undefined, { accept: 'application/yaml' });
    expect(yaml.headers['content-type']).toBe('application/yaml');
    expect(yaml.text).toContain('kind: ConfigMap\n');
    expect(yaml.text).toContain('k: "yes"\n');
    const table = await server.call('GET', `${maps}/a`, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      rows: [{ cells: ['a', 1, '0s'] }],
    });
    const partial = await server.call('GET', `${maps}/a`, undefined, {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    });
    expect(partial.json).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    expect(partial.json.data).toBeUndefined();
  });

  test('is accepted as YAML and without a content type', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: "1"\n';
    expect((await server.call('POST', maps, yaml, { 'content-type': 'application/yaml' })).code).toBe(201);
    expect((await server.call('POST', maps, JSON.stringify(map('b')))).code).toBe(201);
  });

  test('bare of kind and apiVersion takes them from the path', async () => {
    const made = await server.call('POST', maps, { metadata: { name: 'a' } });
    expect(made.json).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  });

  test('reads accept how fresh they must be', async () => {
    await server.call('POST', maps, map('a'));
    const now = server.store.status().revision;
    for (const query of [
      'resourceVersion=0',
      `resourceVersion=${now}`,
      'consistency=stale',
      'consistency=bounded&maxStaleness=5s',
      `minRevision=${now}`,
    ])
      expect((await server.call('GET', `${maps}/a?${query}`)).code).toBe(200);
    server.store.elect({ leaderless: 'server-2 does not answer' });
    expect((await server.call('GET', `${maps}/a?consistency=stale`)).code).toBe(200);
    expect((await server.call('GET', `${maps}/a`)).json).toMatchObject({ reason: 'ServiceUnavailable' });
  });
});

describe('patch', () => {
  const path = '/apis/apps/v1/namespaces/default/deployments/web';
  const types = {
    strategic: 'application/strategic-merge-patch+json',
    merge: 'application/merge-patch+json',
    json: 'application/json-patch+json',
  };
  const patch = (type: string, body: unknown, query = '') =>
    server.call('PATCH', `${path}${query}`, body, { 'content-type': type });

  beforeEach(async () => {
    await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web'));
  });

  test('strategic merges containers by name', async () => {
    const body = {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'c', image: 'web:2' },
              { name: 'side', image: 's:1' },
            ],
          },
        },
      },
    };
    const { code, json } = await patch(types.strategic, body);
    expect(code).toBe(200);
    const containers = json.spec.template.spec.containers.map((one: { name: string; image: string }) => [
      one.name,
      one.image,
    ]);
    expect(containers).toEqual([
      ['c', 'web:2'],
      ['side', 's:1'],
    ]);
    expect(json.metadata.generation).toBe(2);
  });

  test('merge sets and removes', async () => {
    expect((await patch(types.merge, { metadata: { labels: { a: '1', b: '2' } } })).json.metadata.labels).toEqual({
      a: '1',
      b: '2',
    });
    expect((await patch(types.merge, { metadata: { labels: { a: null } } })).json.metadata.labels).toEqual({ b: '2' });
  });

  test('JSON does its operations in order', async () => {
    const { json } = await patch(types.json, [
      { op: 'replace', path: '/spec/replicas', value: 7 },
      { op: 'test', path: '/spec/replicas', value: 7 },
    ]);
    expect(json.spec.replicas).toBe(7);
  });

  test('of /status leaves the spec alone', async () => {
    const body = { metadata: { annotations: { seen: 'yes' } }, spec: { replicas: 9 }, status: { replicas: 2 } };
    const { json } = await server.call('PATCH', `${path}/status`, body, { 'content-type': types.merge });
    expect(json.spec.replicas).toBe(3);
    expect(json.status.replicas).toBe(2);
    expect(json.metadata.annotations).toEqual({ seen: 'yes' });
  });

  test.each([
    [
      'server-side apply',
      'application/apply-patch+yaml',
      {},
      415,
      'accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json',
    ],
    ['plain JSON', 'application/json', {}, 415, 'accepted media types'],
    ['an object as JSON patch', types.json, { spec: {} }, 400, 'error decoding patch'],
    [
      'an operation that does not fit',
      types.json,
      [{ op: 'test', path: '/spec/replicas', value: 1 }],
      422,
      'the patch does not fit the object',
    ],
    ['a stale version', types.merge, { metadata: { resourceVersion: '1' } }, 409, 'the object has been modified'],
    ['broken JSON', types.merge, '{"a":', 400, 'error decoding patch: json parse error'],
    ['a value that breaks a rule', types.merge, { spec: { replicas: -1 } }, 422, 'spec.replicas: Invalid value: -1'],
  ])('refuses %s', async (_case, type, body, code, message) => {
    const answer = await patch(type, body);
    expect([answer.code, answer.json.message]).toEqual([code, expect.stringContaining(message)]);
  });

  test('a dry run stores nothing', async () => {
    const { json } = await patch(types.merge, { spec: { replicas: 9 } }, '?dryRun=All');
    expect(json.spec.replicas).toBe(9);
    expect((await server.call('GET', path)).json.spec.replicas).toBe(3);
  });
});

describe('sub-resources', () => {
  test('scale reads and writes the replicas of a workload', async () => {
    await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web'));
    const path = '/apis/apps/v1/namespaces/default/deployments/web/scale';
    const { json } = await server.call('GET', path);
    expect(json).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 3 },
      status: { replicas: 0, selector: 'app=web' },
    });
    const put = await server.call('PUT', path, JSON.stringify({ ...json, spec: { replicas: 5 } }));
    expect([put.code, put.json.spec]).toEqual([200, { replicas: 5 }]);
    const patched = await server.call(
      'PATCH',
      path,
      { spec: { replicas: 0 } },
      { 'content-type': 'application/merge-patch+json' },
    );
    expect([patched.code, patched.json.spec]).toEqual([200, {}]);
    expect((await server.call('PUT', path, { ...json, spec: { replicas: 1 } })).code).toBe(409);
    const negative = await server.call(
      'PATCH',
      path,
      { spec: { replicas: -2 } },
      { 'content-type': 'application/merge-patch+json' },
    );
    expect([negative.code, negative.json.message]).toEqual([
      422,
      expect.stringContaining('Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -2'),
    ]);
  });

  test('binding places a pod, by name in the path or in the body', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await addNode(server.registry);
    await server.call('POST', pods, pod('a'));
    await server.call('POST', pods, pod('b'));
    const binding = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { kind: 'Node', name: 'n1' },
    });
    const placed = await server.call('POST', `${pods}/a/binding`, binding('a'));
    expect([placed.code, placed.json.status]).toEqual([201, 'Success']);
    expect((await server.call('POST', '/api/v1/namespaces/default/bindings', binding('b'))).code).toBe(201);
    const { json } = await server.call('GET', `${pods}?fieldSelector=spec.nodeName=n1`);
    expect(json.items).toHaveLength(2);
    expect((await server.call('POST', `${pods}/a/binding`, binding('b'))).code).toBe(400);
    expect((await server.call('POST', `${pods}/a/binding`, { metadata: {} })).code).toBe(422);
  });

  test('eviction deletes a pod', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await server.call('POST', pods, pod('a'));
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'a', namespace: 'default' },
      deleteOptions: {},
    };
    const { code, json } = await server.call('POST', `${pods}/a/eviction`, eviction);
    expect([code, json.status]).toEqual([201, 'Success']);
    expect((await server.call('GET', `${pods}/a`)).code).toBe(404);
  });

  test('finalize is how a namespace goes', async () => {
    await server.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
    const marked = await server.call('DELETE', '/api/v1/namespaces/shop');
    expect(marked.json.status.phase).toBe('Terminating');
    const { code } = await server.call('PUT', '/api/v1/namespaces/shop/finalize', { ...marked.json, spec: {} });
    expect(code).toBe(200);
    expect((await server.call('GET', '/api/v1/namespaces/shop')).code).toBe(404);
  });

  test.each(['exec', 'attach', 'portforward'])('%s says that it is not served yet', async (name) => {
    const { code, json } = await server.call('GET', `/api/v1/namespaces/default/pods/a/${name}`);
    expect([code, json.message]).toEqual([501, `pods/${name} is not served by Berth yet`]);
  });

  test('a token for a service account says that it is not served yet', async () => {
    const { code, json } = await server.call('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {});
    expect([code, json.message]).toEqual([501, 'serviceaccounts/token is not served by Berth yet']);
  });
});

describe('deletecollection', () => {
  test('deletes what is selected and answers what was there', async () => {
    for (const [name, labels] of [
      ['a', { app: 'x' }],
      ['b', { app: 'y' }],
      ['c', { app: 'x' }],
    ] as const)
      await server.call('POST', maps, { metadata: { name, labels } });
    const { code, json } = await server.call('DELETE', `${maps}?labelSelector=app%3Dx`);
    expect(code).toBe(200);
    expect(json.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['a', 'c']);
    const left = await server.call('GET', maps);
    expect(left.json.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['b']);
  });
});
