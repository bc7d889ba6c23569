import { requestLimits, StoreError, type StoreErrorCode } from '@berth/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployment, pod } from '../registry/engine-fixture.ts';
import { openServer, type ServerFixture } from './server-fixture.ts';

let server: ServerFixture;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const pods = '/api/v1/namespaces/default/pods';
const strict = '?fieldValidation=Strict';
const yaml = { 'content-type': 'application/yaml' };

/** Whatever was refused, nothing was stored and the next request is served. */
async function expectUnharmed(revision: number): Promise<void> {
  expect(server.store.status().revision).toBe(revision);
  expect((await server.call('GET', pods)).code).toBe(200);
}

describe('a faulty body is refused with the path of the fault, and nothing is stored', () => {
  const container = { name: 'c', image: 'web:1' };
  test.each([
    ['JSON that ends early', '{"kind":"Pod"', {}, 400, 'BadRequest', 'json parse error'],
    ['malformed YAML', 'kind: [Pod\nmetadata: {', yaml, 400, 'BadRequest', 'error converting YAML to JSON: yaml:'],
    ['two YAML documents', 'a: 1\n---\nb: 2\n', yaml, 400, 'BadRequest', 'one document is wanted'],
    ['an empty body', '', {}, 400, 'BadRequest', 'the body must be a Pod, it is empty'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), {}, 400, 'BadRequest', 'not valid UTF-8'],
    ['an array', [], {}, 400, 'BadRequest', 'cannot be handled as a Pod'],
    ['another kind', { kind: 'Service', metadata: { name: 'a' } }, {}, 400, 'BadRequest', 'cannot be handled as a Pod'],
    [
      'another version',
      { apiVersion: 'v2', metadata: { name: 'a' } },
      {},
      400,
      'BadRequest',
      'the API version in the data (v2) does not match the expected API version (v1)',
    ],
    [
      'an unknown field',
      pod('a', { contaners: [], containers: [{ ...container, imag: 'x' }] }),
      {},
      400,
      'BadRequest',
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].imag", unknown field "spec.contaners"',
    ],
    [
      'a field given twice',
      '{"metadata":{"name":"a","name":"b"},"spec":{"containers":[]}}',
      {},
      400,
      'BadRequest',
      'duplicate field "metadata.name"',
    ],
    [
      'a field given twice in YAML',
      'metadata: {name: a}\nspec: {}\nspec: {}\n',
      yaml,
      400,
      'BadRequest',
      'duplicate field "spec"',
    ],
    [
      'a text for a number',
      { ...pod('a'), spec: { containers: [container], terminationGracePeriodSeconds: 'ten' } },
      {},
      400,
      'BadRequest',
      'terminationGracePeriodSeconds of type int64',
    ],
    [
      'a bad quantity',
      pod('a', { containers: [{ ...container, resources: { limits: { cpu: '2 cores' } } }] }),
      {},
      400,
      'BadRequest',
      'quantities must match',
    ],
    ['no containers', pod('a', { containers: [] }), {}, 422, 'Invalid', 'spec.containers: Required value'],
    [
      'a container without an image',
      pod('a', { containers: [{ name: 'c' }] }),
      {},
      422,
      'Invalid',
      'spec.containers[0].image: Required value',
    ],
    ['a bad name', pod('Not_A_Name'), {}, 422, 'Invalid', 'metadata.name: Invalid value: "Not_A_Name"'],
    [
      'a bad label',
      { ...pod('a'), metadata: { name: 'a', labels: { 'a b': 'c' } } },
      {},
      422,
      'Invalid',
      'metadata.labels: Invalid value: "a b"',
    ],
    [
      'a kind of volume that is not served',
      pod('a', { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] }),
      {},
      422,
      'Invalid',
      'spec.volumes[0].nfs: Forbidden',
    ],
    [
      'a body of an unknown type',
      'x',
      { 'content-type': 'text/csv' },
      415,
      'UnsupportedMediaType',
      'accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      'protobuf that is none',
      'x',
      { 'content-type': 'application/vnd.kubernetes.protobuf' },
      400,
      'BadRequest',
      'does not appear to be a protobuf message',
    ],
    [
      'a body that is too large',
      { ...pod('a'), padding: 'x'.repeat(3 * 1024 * 1024) },
      {},
      413,
      'RequestEntityTooLarge',
      'Request entity too large: limit is 3145728',
    ],
  ])('%s', async (_case, body, headers, code, reason, message) => {
    const { revision } = server.store.status();
    const answer = await server.call('POST', pods + strict, body, headers);
    expect([answer.code, answer.json.reason, answer.json.message]).toEqual([
      code,
      reason,
      expect.stringContaining(message),
    ]);
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
    await expectUnharmed(revision);
  });

  test('deep nesting does not reach the stack', async () => {
    const body = `{"metadata":{"name":"a"},"spec":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const { revision } = server.store.status();
    expect((await server.call('POST', pods, body)).code).toBe(400);
    await expectUnharmed(revision);
  });

  test('every fault is a cause of its own', async () => {
    const { json } = await server.call(
      'POST',
      pods,
      pod('a', { containers: [{ name: 'c' }, { name: 'c', image: 'x' }] }),
    );
    expect(json.details).toMatchObject({ name: 'a', kind: 'Pod' });
    expect(json.details.causes).toEqual(
      expect.arrayContaining([
        { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.containers[0].image' },
        { reason: 'FieldValueDuplicate', message: 'Duplicate value: "c"', field: 'spec.containers[1].name' },
      ]),
    );
  });
});

describe('field validation', () => {
  const body = { ...pod('a'), spek: {} };
  test('Warn, the default, stores the object and warns', async () => {
    const { code, headers } = await server.call('POST', pods, body);
    expect(code).toBe(201);
    expect(headers['warning']).toEqual(['299 - "unknown field \\"spek\\""']);
  });
  test('Ignore stores the object in silence', async () => {
    const { code, headers } = await server.call('POST', `${pods}?fieldValidation=Ignore`, body);
    expect([code, headers['warning']]).toEqual([201, undefined]);
  });
  test('any other word is refused', async () => {
    const { code, json } = await server.call('POST', `${pods}?fieldValidation=Maybe`, body);
    expect([code, json.message]).toEqual([
      422,
      'fieldValidation: Unsupported value: "Maybe": supported values: "Ignore", "Warn", "Strict"',
    ]);
  });
  test('holds for patches too', async () => {
    await server.call('POST', pods, pod('a'));
    const patch = { metadata: { labels: { a: 'b' } }, spec: { colour: 'red' } };
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };
    const { code, json } = await server.call('PATCH', `${pods}/a${strict}`, patch, headers);
    expect([code, json.message]).toEqual([400, expect.stringContaining('unknown field "spec.colour"')]);
  });
});

describe('a request that cannot be', () => {
  test.each([
    ['GET', '/api/v1/namespaces/default/unicorns', 404, 'NotFound', 'the server could not find the requested resource'],
    ['GET', '/nowhere', 404, 'NotFound', 'the server could not find the requested resource'],
    ['GET', '/apis/example.com/v1/things', 404, 'NotFound', 'the server could not find the requested resource'],
    ['GET', '/api/v1/namespaces/default/nodes', 404, 'NotFound', 'the server could not find the requested resource'],
    ['GET', `${pods}/missing`, 404, 'NotFound', 'pods "missing" not found'],
    ['GET', `${pods}/a%2Fb`, 404, 'NotFound', 'pods "a/b" not found'],
    ['GET', `${pods}/%C3%A4`, 404, 'NotFound', 'pods "ä" not found'],
    ['GET', `${pods}/a/nothing`, 404, 'NotFound', 'the server could not find the requested resource'],
    ['GET', '/apis/apps/v1/namespaces/default/deployments/web', 404, 'NotFound', 'deployments.apps "web" not found'],
    ['DELETE', `${pods}/missing`, 404, 'NotFound', 'pods "missing" not found'],
    ['PUT', pods, 405, 'MethodNotAllowed', 'update is not supported on resources of kind "pods"'],
    ['POST', `${pods}/a`, 405, 'MethodNotAllowed', 'create is not supported on resources of kind "pods"'],
    ['POST', '/api/v1/pods', 405, 'MethodNotAllowed', 'create is not supported on resources of kind "pods"'],
    [
      'DELETE',
      '/api/v1/namespaces',
      405,
      'MethodNotAllowed',
      'deletecollection is not supported on resources of kind "namespaces"',
    ],
    [
      'DELETE',
      `${pods}/a/status`,
      405,
      'MethodNotAllowed',
      'delete is not supported on resources of kind "pods/status"',
    ],
  ])('%s %s', async (method, path, code, reason, message) => {
    const answer = await server.call(method, path, method === 'GET' || method === 'DELETE' ? undefined : pod('a'));
    expect([answer.code, answer.json.reason, answer.json.message]).toEqual([code, reason, message]);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  test('not-found names kind and group in its details, as kubectl reads them', async () => {
    const { json } = await server.call('GET', '/apis/apps/v1/namespaces/default/deployments/web');
    expect(json.details).toEqual({ name: 'web', group: 'apps', kind: 'deployments' });
  });

  test('a name that is taken, and a version that is old', async () => {
    const made = await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web'));
    const path = '/apis/apps/v1/namespaces/default/deployments/web';
    await server.call('PUT', path, deployment('web', 4));
    const { revision } = server.store.status();
    const again = await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment('web'));
    expect([again.code, again.json.reason, again.json.message]).toEqual([
      409,
      'AlreadyExists',
      'deployments.apps "web" already exists',
    ]);
    const stale = await server.call('PUT', path, made.json);
    expect([stale.code, stale.json.reason, stale.json.message]).toEqual([
      409,
      'Conflict',
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    ]);
    await expectUnharmed(revision);
  });
});

describe('access', () => {
  const nobody = { authorization: '' };
  const guest = { authorization: 'Bearer guest' };
  const wrong = { authorization: 'Bearer wrong' };

  test.each(['/livez', '/readyz', '/healthz', '/version'])('%s is open to all', async (path) => {
    expect((await server.call('GET', path, undefined, nobody)).code).toBe(200);
  });

  test.each(['/api', '/apis', '/api/v1', '/openapi/v3', pods, '/nowhere', '/'])(
    '%s needs a credential',
    async (path) => {
      for (const headers of [nobody, wrong]) {
        const { code, json } = await server.call('GET', path, undefined, headers);
        expect([code, json.reason, json.message]).toEqual([401, 'Unauthorized', 'Unauthorized']);
      }
    },
  );

  test.each([
    [
      'GET',
      pods,
      'pods is forbidden: User "guest" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'GET',
      `${pods}?watch=1`,
      'pods is forbidden: User "guest" cannot watch resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'DELETE',
      `${pods}/a`,
      'pods "a" is forbidden: User "guest" cannot delete resource "pods" in API group "" in the namespace "default"',
    ],
    [
      'GET',
      `${pods}/a/log`,
      'pods "a" is forbidden: User "guest" cannot get resource "pods/log" in API group "" in the namespace "default"',
    ],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/x/deployments/web/scale',
      'deployments.apps "web" is forbidden: User "guest" cannot patch resource "deployments/scale" in API group "apps" in the namespace "x"',
    ],
    [
      'GET',
      '/api/v1/nodes',
      'nodes is forbidden: User "guest" cannot list resource "nodes" in API group "" at the cluster scope',
    ],
    ['GET', '/openapi/v3', 'forbidden: User "guest" cannot get path "/openapi/v3"'],
  ])('%s %s is denied to a guest', async (method, path, message) => {
    const { code, json } = await server.call(method, path, undefined, guest);
    expect([code, json.reason, json.message]).toEqual([403, 'Forbidden', message]);
  });

  test('a body is not even read for somebody without a credential', async () => {
    const { code } = await server.call('POST', pods, '{"broken', nobody);
    expect(code).toBe(401);
  });
});

describe('a store that refuses', () => {
  const refuse = (code: StoreErrorCode, message: string): void => {
    server.store.txn = async () => {
      throw new StoreError(code, message);
    };
  };
  test.each([
    ['unavailable', 503, 'ServiceUnavailable', 'no quorum: server-2 is missing; nothing was applied'],
    ['timeout', 504, 'Timeout', 'Timeout: server-2 is missing'],
    ['busy', 429, 'TooManyRequests', 'server-2 is missing; nothing was applied'],
    ['too-large', 413, 'RequestEntityTooLarge', `Request entity too large: limit is ${requestLimits.txnBytes}`],
    ['disk-full', 503, 'ServiceUnavailable', 'server-2 is missing; nothing was applied'],
    ['closed', 503, 'ServiceUnavailable', 'the server is shutting down'],
  ] as const)('with %s is answered %i', async (code, http, reason, message) => {
    refuse(code, 'server-2 is missing');
    const answer = await server.call('POST', pods, pod('a'));
    expect([answer.code, answer.json.reason, answer.json.message]).toEqual([http, reason, message]);
  });

  test('without a quorum gives no Retry-After: kubectl would repeat in silence', async () => {
    refuse('unavailable', 'x');
    expect((await server.call('POST', pods, pod('a'))).headers['retry-after']).toBeUndefined();
    refuse('busy', 'x');
    expect((await server.call('POST', pods, pod('a'))).headers['retry-after']).toBe('1');
  });

  test('by an unexpected fault tells the log, not the client', async () => {
    server.store.txn = async () => {
      throw new Error('secret detail');
    };
    const { code, json } = await server.call('POST', pods, pod('a'));
    expect([code, json.reason]).toEqual([500, 'InternalError']);
    expect(JSON.stringify(json)).not.toContain('secret detail');
    expect(server.logged.join('')).toContain('secret detail');
  });
});

test('more requests at once than allowed are refused with 429', async () => {
  await using small = await openServer({ limits: { mutatingRequests: 1 } });
  const gate = Promise.withResolvers<void>();
  const { txn } = small.store;
  small.store.txn = async (request) => {
    await gate.promise;
    return txn.call(small.store, request);
  };
  const first = small.call('POST', pods, pod('a'));
  const second = await small.call('POST', pods, pod('b'));
  expect([second.code, second.json.reason, second.headers['retry-after']]).toEqual([429, 'TooManyRequests', '1']);
  expect((await small.call('GET', pods)).code).toBe(200);
  gate.resolve();
  expect((await first).code).toBe(201);
  expect((await small.call('POST', pods, pod('c'))).code).toBe(201);
});
