import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer, type ServerFixture } from './server-fixture.ts';

let server: ServerFixture;
beforeAll(async () => {
  server = await openServer({
    readiness: {
      live: () => [{ name: 'loops', ok: true }],
      ready: () => [
        { name: 'store-has-leader', ok: false, reason: 'secret' },
        { name: 'cache-synced', ok: true },
      ],
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const aggregated = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

interface Resource {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly subresources?: readonly { readonly subresource: string; readonly responseKind: object }[];
}

describe('discovery', () => {
  test.each(['v2', 'v2beta1'])('aggregated %s has every kind with its sub-resources', async (version) => {
    const accept = `${aggregated(version)},application/json`;
    const core = await server.call('GET', '/api?timeout=32s', undefined, { accept });
    expect(core.headers['content-type']).toBe(aggregated(version));
    expect(core.json).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
    const [group] = core.json.items;
    expect([group.metadata.name, group.versions[0].version]).toEqual(['', 'v1']);
    const resources: Resource[] = group.versions[0].resources;
    const pods = resources.find((one) => one.resource === 'pods');
    expect(pods).toMatchObject({
      responseKind: { group: '', version: 'v1', kind: 'Pod' },
      scope: 'Namespaced',
      singularResource: 'pod',
      shortNames: ['po'],
      categories: ['all'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    });
    expect(pods?.subresources?.find((one) => one.subresource === 'eviction')?.responseKind).toEqual({
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
    });
    const named = await server.call('GET', '/apis', undefined, { accept });
    const groups = named.json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(groups).toEqual(['apps', 'coordination.k8s.io', 'discovery.k8s.io']);
  });

  test('takes the first form the client names', async () => {
    const accept = `${aggregated('v2')},${aggregated('v2beta1')},application/json`;
    expect((await server.call('GET', '/apis', undefined, { accept })).json.apiVersion).toBe('apidiscovery.k8s.io/v2');
    const plain = await server.call('GET', '/apis', undefined, { accept: 'application/json' });
    expect([plain.headers['content-type'], plain.json.kind]).toEqual(['application/json', 'APIGroupList']);
  });

  test('has the old documents too', async () => {
    expect((await server.call('GET', '/api')).json).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    });
    const apps = await server.call('GET', '/apis/apps');
    expect(apps.json).toMatchObject({
      kind: 'APIGroup',
      name: 'apps',
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    });
    const { json } = await server.call('GET', '/api/v1');
    expect(json).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
    expect(json.resources.find((one: { name: string }) => one.name === 'pods/eviction')).toEqual({
      name: 'pods/eviction',
      singularName: '',
      namespaced: true,
      group: 'policy',
      version: 'v1',
      kind: 'Eviction',
      verbs: ['create'],
    });
    expect((await server.call('GET', '/apis/example.com')).code).toBe(404);
    expect((await server.call('GET', '/apis/apps/v9')).code).toBe(404);
  });
});

describe('OpenAPI', () => {
  test('the index leads to a document per group and version whose writes know fieldValidation', async () => {
    const { json } = await server.call('GET', '/openapi/v3');
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/coordination.k8s.io/v1']),
    );
    const url = json.paths['apis/apps/v1'].serverRelativeURL as string;
    expect(url).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}$/);
    const document = await server.call('GET', `${url}&timeout=32s`);
    expect(document.headers['content-type']).toBe('application/json');
    const patch = document.json.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].patch;
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', kind: 'Deployment', version: 'v1' });
    expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toContain('fieldValidation');
  });

  test('version 2 in protobuf is the smallest document that kubectl takes', async () => {
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const { code, headers, text } = await server.call('GET', '/openapi/v2', undefined, { accept });
    expect([code, headers['content-type']]).toEqual([
      200,
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    ]);
    expect(text).toBe('\n\u00032.0\u0012\u000b\n\u0005Berth\u0012\u0002v1B\u0000');
  });

  test('version 2 in JSON holds the schemas of all kinds, which refer to each other', async () => {
    const { json } = await server.call('GET', '/openapi/v2', undefined, { accept: 'application/json' });
    expect(json).toMatchObject({ swagger: '2.0', paths: {} });
    const pod = json.definitions['io.k8s.api.core.v1.Pod'];
    expect(JSON.stringify(pod.properties.spec)).toContain('"#/definitions/io.k8s.api.core.v1.PodSpec"');
    expect(Object.keys(json.definitions)).toEqual(
      expect.arrayContaining(['io.k8s.api.apps.v1.Deployment', 'io.k8s.api.core.v1.PodSpec']),
    );
  });
});

describe('the server about itself', () => {
  test('its version is a number of Kubernetes', async () => {
    const { json } = await server.call('GET', '/version', undefined, { authorization: '' });
    expect(json).toMatchObject({ major: '1', minor: '33', gitVersion: 'v1.33.0+berth' });
  });

  test('health lists its checks when asked, and keeps reasons to itself', async () => {
    expect((await server.call('GET', '/livez')).text).toBe('ok');
    expect((await server.call('GET', '/healthz?verbose')).text).toBe('[+]ping ok\n[+]loops ok\nhealthz check passed\n');
    const ready = await server.call('GET', '/readyz');
    expect([ready.code, ready.text]).toEqual([
      500,
      '[+]ping ok\n[-]store-has-leader failed: reason withheld\n[+]cache-synced ok\nreadyz check failed\n',
    ]);
    expect((await server.call('GET', '/readyz?exclude=store-has-leader')).text).toBe('ok');
  });

  test('requests are counted under the names of Kubernetes and logged with who and what', async () => {
    await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'm' } });
    await server.call('GET', '/api/v1/namespaces/default/configmaps/none');
    const text = await server.metrics.metrics();
    expect(text).toContain(
      'apiserver_request_total{verb="POST",group="",version="v1",resource="configmaps",subresource="",scope="namespace",code="201"} 1',
    );
    expect(text).toContain(
      'apiserver_request_total{verb="GET",group="",version="v1",resource="configmaps",subresource="",scope="resource",code="404"} 1',
    );
    expect(text).toContain('apiserver_current_inflight_requests{request_kind="mutating"} 0');
    await server.cache.waitFor(server.store.status().revision);
    expect(await server.metrics.metrics()).toContain('apiserver_storage_objects{resource="configmaps"} 1');
    const line = server.logged
      .map((text) => JSON.parse(text))
      .find((entry) => entry.code === 201 && entry.resource === 'configmaps');
    expect(line).toMatchObject({ user: 'berth-admin', verb: 'create', namespace: 'default', msg: 'request' });
  });

  test('what nobody serves makes no label: strangers cannot fill the memory with metrics', async () => {
    for (const path of [
      '/api/v1/unicorns',
      '/apis/unicorns/v1/pods',
      '/api/v1/namespaces/a/pods/b/unicorns',
      '/unicorns',
    ])
      expect((await server.call('GET', path, undefined, { authorization: '' })).code).toBe(401);
    expect(await server.metrics.metrics()).not.toContain('unicorns');
  });

  test('every answer says who served it', async () => {
    const { headers } = await server.call('GET', '/api/v1/namespaces/default');
    expect(headers['berth-served-by']).toBe('server-1');
    expect(headers['berth-known-leader']).toBe('true');
    expect(headers['berth-revision']).toMatch(/^\d+$/);
    expect(headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('routes of others', () => {
  test('open ones are served to everybody, guarded ones to those who may; both parse JSON and answer refusals as Status', async () => {
    const { badRequest } = await import('@berth/api');
    await using extended = await openServer({
      extend: {
        open: (app) => void app.post('/berth/v1/join', async (request) => ({ got: request.body })),
        guarded: (app) =>
          void app.get('/berth/v1/tokens', async () => {
            throw badRequest('not like this');
          }),
      },
    });
    const joined = await extended.call('POST', '/berth/v1/join', { a: 1 }, { authorization: '' });
    expect(joined.json).toEqual({ got: { a: 1 } });
    const broken = await extended.call('POST', '/berth/v1/join', '{"a', {
      authorization: '',
      'content-type': 'application/json',
    });
    expect([broken.code, broken.json.kind]).toEqual([400, 'Status']);
    expect((await extended.call('GET', '/berth/v1/tokens', undefined, { authorization: '' })).code).toBe(401);
    expect((await extended.call('GET', '/berth/v1/tokens', undefined, { authorization: 'Bearer guest' })).code).toBe(
      403,
    );
    const refused = await extended.call('GET', '/berth/v1/tokens');
    expect([refused.code, refused.json.message]).toEqual([400, 'not like this']);
  });
});
