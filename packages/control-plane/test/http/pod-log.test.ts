import { serviceUnavailable } from '@berth/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenTunnel, TunnelRequest } from '../../src/http/tunnel-port.ts';
import { addNode, admin, pod } from '../registry/engine-fixture.ts';
import { openServer, type ServerFixture } from './server-fixture.ts';
import { get } from './watch-client.ts';

let server: ServerFixture;
let asked: { readonly node: string; readonly request: TunnelRequest }[];
let open: OpenTunnel;

beforeEach(async () => {
  asked = [];
  open = async () => lines('one\n', 'two\n');
  server = await openServer({
    openTunnel: async (node, request, signal) => {
      asked.push({ node, request });
      return open(node, request, signal);
    },
  });
  await addNode(server.registry);
});
afterEach(() => server[Symbol.asyncDispose]());

async function* lines(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const log = (name: string, query = ''): string => `/api/v1/namespaces/default/pods/${name}/log${query}`;

async function placed(name: string, spec: object = {}, metadata: object = {}): Promise<string> {
  const made = await server.registry.create('pods', 'default', pod(name, spec, metadata), admin);
  await server.registry.bind('default', name, made.metadata.uid, 'n1', admin);
  return made.metadata.uid;
}

const two = {
  containers: [
    { name: 'c1', image: 'a' },
    { name: 'c2', image: 'b' },
  ],
  initContainers: [{ name: 'i', image: 'c' }],
};

describe('the log of a pod', () => {
  test('comes from its node as plain text', async () => {
    const podUid = await placed('web');
    const { code, headers, text } = await server.call('GET', log('web'));
    expect([code, headers['content-type'], text]).toEqual([200, 'text/plain', 'one\ntwo\n']);
    expect(asked).toEqual([
      {
        node: 'n1',
        request: { kind: 'logs', podUid, container: 'c', follow: false, previous: false, timestamps: false },
      },
    ]);
  });

  test('is asked for with everything the client said', async () => {
    await placed('web', two);
    await server.call(
      'GET',
      log('web', '?container=i&follow=true&timestamps=1&tailLines=5&sinceSeconds=60&limitBytes=100'),
    );
    expect(asked[0]?.request).toMatchObject({
      container: 'i',
      follow: true,
      timestamps: true,
      tailLines: 5,
      limitBytes: 100,
      sinceTime: '2026-05-02T09:59:00Z',
    });
  });

  test('of the default container, when the pod names one', async () => {
    await placed('web', two, { annotations: { 'kubectl.kubernetes.io/default-container': 'c2' } });
    await server.call('GET', log('web'));
    expect(asked[0]?.request.container).toBe('c2');
  });

  test.each([
    [
      'no container of several is named',
      '',
      400,
      'a container name must be specified for pod web, choose one of: [c1 c2] or one of the init containers: [i]',
    ],
    ['the container does not exist', '?container=x', 400, 'container x is not valid for pod web'],
    [
      'the one before never ended',
      '?container=c1&previous=true',
      400,
      'previous terminated container "c1" in pod "web" not found',
    ],
    [
      'lines are counted backwards',
      '?container=c1&tailLines=-1',
      422,
      'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'two beginnings are given',
      '?container=c1&sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z',
      422,
      'at most one of `sinceTime` or `sinceSeconds` may be specified',
    ],
    ['the beginning is no time', '?container=c1&sinceTime=yesterday', 422, 'sinceTime: Invalid value: "yesterday"'],
  ])('is refused when %s', async (_case, query, code, message) => {
    await placed('web', two);
    const answer = await server.call('GET', log('web', query));
    expect([answer.code, answer.json.message]).toEqual([code, expect.stringContaining(message)]);
    expect(asked).toEqual([]);
  });

  test('of a pod without a node is refused', async () => {
    await server.registry.create('pods', 'default', pod('web'), admin);
    const { code, json } = await server.call('GET', log('web'));
    expect([code, json.message]).toEqual([400, 'pod web does not have a host assigned']);
  });

  test('of a node that cannot be reached is refused with the reason', async () => {
    await placed('web');
    open = async () => {
      throw serviceUnavailable('the agent of node n1 is not connected');
    };
    const { code, json } = await server.call('GET', log('web'));
    expect([code, json.message]).toEqual([503, 'the agent of node n1 is not connected']);
  });

  test('that is followed arrives line by line, and ends on the node when the client leaves', async () => {
    await placed('web');
    const address = await server.listen('127.0.0.1', 0);
    const left = Promise.withResolvers<void>();
    open = async (_node, _request, signal) => {
      signal.addEventListener('abort', () => left.resolve());
      return (async function* () {
        yield Buffer.from('first\n');
        await left.promise;
      })();
    };
    const response = await get(address, log('web', '?follow=true'));
    const [first] = await response.take(1).toArray();
    expect(String(first)).toBe('first\n');
    response.destroy();
    await left.promise;
  });

  test('that breaks off is cut, so that the client does not take it for the whole', async () => {
    await placed('web');
    const address = await server.listen('127.0.0.1', 0);
    open = async () =>
      (async function* () {
        yield Buffer.from('first\n');
        throw new Error('the node went away');
      })();
    const response = await get(address, log('web'));
    await expect(response.toArray()).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
  });

  test('that is followed ends when the server closes', async () => {
    await placed('web');
    const address = await server.listen('127.0.0.1', 0);
    open = async (_node, _request, signal) =>
      (async function* () {
        yield Buffer.from('first\n');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      })();
    const response = await get(address, log('web', '?follow=true'));
    const ended = response.toArray();
    await server.app.close();
    expect(String(await ended)).toBe('first\n');
  });
});
