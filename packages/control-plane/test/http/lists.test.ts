import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pod } from '../registry/engine-fixture.ts';
import { openServer, type Reply, type ServerFixture } from './server-fixture.ts';

let server: ServerFixture;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const maps = '/api/v1/namespaces/default/configmaps';
const names = ({ json }: Reply): readonly string[] =>
  json.items.map((item: { metadata: { name: string } }) => item.metadata.name);

async function store(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1)
    await server.call('POST', maps, { metadata: { name: `c-${i}`, labels: { even: String(i % 2 === 0) } } });
}

describe('a list', () => {
  test('names its own version and has every object with its own', async () => {
    await store(2);
    const { code, json } = await server.call('GET', maps);
    expect(code).toBe(200);
    expect(json).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(json.metadata).toEqual({ resourceVersion: String(server.store.status().revision) });
    expect(json.items[0]).toEqual((await server.call('GET', `${maps}/c-0`)).json);
  });

  test('that is empty has an empty array and a version', async () => {
    const { json } = await server.call('GET', '/apis/apps/v1/deployments');
    expect(json).toMatchObject({ kind: 'DeploymentList', apiVersion: 'apps/v1', items: [] });
    expect(json.metadata.resourceVersion).toBe(String(server.store.status().revision));
  });

  test('covers one namespace or all of them', async () => {
    await server.call('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
    await server.call('POST', maps, { metadata: { name: 'a' } });
    await server.call('POST', '/api/v1/namespaces/other/configmaps', { metadata: { name: 'b' } });
    expect(names(await server.call('GET', maps))).toEqual(['a']);
    expect(names(await server.call('GET', '/api/v1/configmaps'))).toEqual(['a', 'b']);
    expect(names(await server.call('GET', '/api/v1/configmaps?fieldSelector=metadata.namespace=other'))).toEqual(['b']);
  });

  test.each([
    ['labelSelector=even=true', ['c-0', 'c-2']],
    ['labelSelector=even%20in%20(false)', ['c-1', 'c-3']],
    ['labelSelector=!even', []],
    ['fieldSelector=metadata.name=c-3', ['c-3']],
    ['fieldSelector=metadata.name!=c-3', ['c-0', 'c-1', 'c-2']],
    ['fieldSelector=metadata.name=c-1&labelSelector=even=true', []],
    ['fieldSelector=metadata.name=c-1,metadata.name=c-2', []],
  ])('with %s has %o', async (query, wanted) => {
    await store(4);
    expect(names(await server.call('GET', `${maps}?${query}`))).toEqual(wanted);
  });

  test('selects pods by the fields that kubectl asks for', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await server.call('POST', pods, pod('a', { nodeName: 'n1' }));
    await server.call('POST', pods, pod('b'));
    const selector = 'spec.nodeName=n1,status.phase!=Failed,status.phase!=Succeeded';
    expect(names(await server.call('GET', `/api/v1/pods?fieldSelector=${encodeURIComponent(selector)}`))).toEqual([
      'a',
    ]);
  });

  test('comes as a table with what the rows show', async () => {
    await store(1);
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { json, headers } = await server.call('GET', maps, undefined, { accept });
    expect(headers['content-type']).toBe('application/json');
    expect(json.kind).toBe('Table');
    expect(json.columnDefinitions.map((column: { name: string }) => column.name)).toEqual(['Name', 'Data', 'Age']);
    expect(json.rows).toMatchObject([
      { cells: ['c-0', 0, '0s'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'c-0' } } },
    ]);
    const whole = await server.call('GET', `${maps}?includeObject=Object`, undefined, { accept });
    expect(whole.json.rows[0].object.kind).toBe('ConfigMap');
    const bare = await server.call('GET', `${maps}?includeObject=None`, undefined, { accept });
    expect(bare.json.rows[0].object).toBeUndefined();
  });

  test('that the client can read in no form it names is refused with 406', async () => {
    const { code, json } = await server.call('GET', maps, undefined, {
      accept: 'application/json;as=Table;v=v9;g=meta.k8s.io',
    });
    expect([code, json.reason]).toEqual([406, 'NotAcceptable']);
  });
});

describe('a list in pages', () => {
  test('shows the state of its first page to the end', async () => {
    await store(5);
    const first = await server.call('GET', `${maps}?limit=2`);
    expect(names(first)).toEqual(['c-0', 'c-1']);
    expect(first.json.metadata.remainingItemCount).toBe(3);
    await server.call('DELETE', `${maps}/c-2`);
    await server.call('POST', maps, { metadata: { name: 'c-3a' } });
    const second = await server.call('GET', `${maps}?limit=2&continue=${first.json.metadata.continue}`);
    expect(names(second)).toEqual(['c-2', 'c-3']);
    const last = await server.call('GET', `${maps}?limit=2&continue=${second.json.metadata.continue}`);
    expect(names(last)).toEqual(['c-4']);
    expect(last.json.metadata).toEqual({ resourceVersion: first.json.metadata.resourceVersion });
  });

  test('fills its pages also when a selector leaves out most objects', async () => {
    await store(7);
    const first = await server.call('GET', `${maps}?limit=2&labelSelector=even=true`);
    expect(names(first)).toEqual(['c-0', 'c-2']);
    expect(first.json.metadata.remainingItemCount).toBeUndefined();
    const second = await server.call(
      'GET',
      `${maps}?limit=2&labelSelector=even=true&continue=${first.json.metadata.continue}`,
    );
    expect(names(second)).toEqual(['c-4', 'c-6']);
    expect(second.json.metadata.continue).toBeUndefined();
  });

  test('whose history is gone answers 410 with a token that shows the rest as it is now', async () => {
    await store(3);
    const first = await server.call('GET', `${maps}?limit=1`);
    await server.call('DELETE', `${maps}/c-1`);
    await server.store.compact(server.store.status().revision);
    const expired = await server.call('GET', `${maps}?limit=1&continue=${first.json.metadata.continue}`);
    expect([expired.code, expired.json.reason]).toEqual([410, 'Expired']);
    const rest = await server.call('GET', `${maps}?continue=${expired.json.metadata.continue}`);
    expect(names(rest)).toEqual(['c-2']);
  });
});

describe('the version of a list', () => {
  test.each([
    ['Exact', 'resourceVersionMatch=Exact&', ['c-0']],
    ['unset, with a limit', 'limit=10&', ['c-0']],
    ['NotOlderThan', 'resourceVersionMatch=NotOlderThan&', ['c-0', 'c-1']],
    ['unset', '', ['c-0', 'c-1']],
  ])('with match %s', async (_match, query, wanted) => {
    await store(1);
    const version = server.store.status().revision;
    await server.call('POST', maps, { metadata: { name: 'c-1' } });
    expect(names(await server.call('GET', `${maps}?${query}resourceVersion=${version}`))).toEqual(wanted);
  });

  test('of the past that was compacted is 410', async () => {
    await store(3);
    await server.store.compact(server.store.status().revision);
    const { code, json } = await server.call('GET', `${maps}?resourceVersion=2&resourceVersionMatch=Exact`);
    expect([code, json.reason, json.message]).toEqual([
      410,
      'Expired',
      'The resourceVersion for the provided list is too old.',
    ]);
  });

  test.each([
    ['limit=x', 400, 'limit: must be a whole number, got "x"'],
    ['resourceVersion=abc', 400, 'resourceVersion: Invalid value: "abc"'],
    ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      422,
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersionMatch=Newest&resourceVersion=1',
      422,
      'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan"',
    ],
    ['sendInitialEvents=true', 422, 'sendInitialEvents is forbidden for list'],
    ['continue=rubbish', 400, 'continue key is not valid'],
    ['labelSelector=a%20b', 400, 'unable to parse requirement'],
    ['labelSelector=a%3D%3D%3Db', 400, 'unable to parse requirement'],
    ['fieldSelector=spec.colour=red', 400, 'field label not supported: spec.colour'],
    ['consistency=sometimes', 400, 'consistency: must be linearizable, bounded or stale'],
  ])('?%s is refused with %i', async (query, code, message) => {
    const answer = await server.call('GET', `${maps}?${query}`);
    expect([answer.code, answer.json.message]).toEqual([code, expect.stringContaining(message)]);
  });
});
