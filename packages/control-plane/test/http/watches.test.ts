import { request } from 'node:http';
import type { Revision, WatchSink } from '@berth/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openServer, type ServerFixture } from './server-fixture.ts';
import { type Address, get, openWatch, told } from './watch-client.ts';

let server: ServerFixture;
let address: Address;
beforeEach(async () => {
  server = await openServer({ limits: { watchBufferBytes: 64 * 1024 } });
  address = await server.listen('127.0.0.1', 0);
});
afterEach(() => server[Symbol.asyncDispose]());

const maps = '/api/v1/namespaces/default/configmaps';
const watching = (query: string): string => `${maps}?watch=true&${query}`;
const create = (name: string, labels: object = {}, data: object = {}) =>
  server.call('POST', maps, { metadata: { name, labels }, data });
const label = (name: string, app: string | null) =>
  server.call(
    'PATCH',
    `${maps}/${name}`,
    { metadata: { labels: { app } } },
    { 'content-type': 'application/merge-patch+json' },
  );
const remove = (name: string) => server.call('DELETE', `${maps}/${name}`);
const now = (): Revision => server.store.status().revision;

describe('where a watch begins', () => {
  test.each(['', 'resourceVersion=0'])('with %o: the present state, then changes', async (version) => {
    await create('a');
    using watch = await openWatch(address, watching(version));
    expect(watch.response.statusCode).toBe(200);
    expect(watch.response.headers['content-type']).toBe('application/json');
    expect(told(await watch.take(1))).toEqual(['ADDED a']);
    await create('b');
    await remove('a');
    expect(told(await watch.take(2))).toEqual(['ADDED b', 'DELETED a']);
  });

  test('with a version: what came after it, without a gap', async () => {
    await create('a');
    const from = now();
    await create('b');
    await remove('a');
    using watch = await openWatch(address, watching(`resourceVersion=${from}`));
    await create('c');
    expect(told(await watch.take(3))).toEqual(['ADDED b', 'DELETED a', 'ADDED c']);
  });

  test('answers at once, before anything happens', async () => {
    using watch = await openWatch(address, watching(`resourceVersion=${now()}`));
    expect(watch.response.statusCode).toBe(200);
  });

  test('resumes where another watch has ended', async () => {
    using first = await openWatch(address, watching(''));
    await create('a');
    await create('b');
    const [, last] = await first.take(2);
    await create('c');
    await remove('b');
    using second = await openWatch(address, watching(`resourceVersion=${last?.object.metadata.resourceVersion}`));
    expect(told(await second.take(2))).toEqual(['ADDED c', 'DELETED b']);
  });

  test('at the compacted version still works, below it is 410 before anything is sent', async () => {
    await create('a');
    await create('b');
    const at = now();
    await server.store.compact(at);
    await create('c');
    using watch = await openWatch(address, watching(`resourceVersion=${at}`));
    expect(told(await watch.take(1))).toEqual(['ADDED c']);
    const { code, json } = await server.call('GET', watching(`resourceVersion=${at - 1}`));
    expect([code, json.reason, json.message]).toEqual([410, 'Expired', `too old resource version: ${at - 1} (${at})`]);
  });

  test.each([
    [
      'resourceVersionMatch=NotOlderThan&resourceVersion=1',
      422,
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
    ['sendInitialEvents=true', 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    ['resourceVersion=x', 400, 'resourceVersion: Invalid value: "x"'],
    ['timeoutSeconds=x', 400, 'timeoutSeconds: must be a whole number'],
    ['fieldSelector=a.b=c', 400, 'field label not supported: a.b'],
  ])('?%s is refused', async (query, code, message) => {
    const answer = await server.call('GET', watching(query));
    expect([answer.code, answer.json.message]).toEqual([code, expect.stringContaining(message)]);
  });
});

describe('sendInitialEvents', () => {
  const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

  test('sends the state, says that it is complete, and goes on', async () => {
    await create('a');
    await create('b');
    using watch = await openWatch(address, watching(query));
    const [a, b, bookmark] = await watch.take(3);
    expect(told([a, b].filter((event) => event !== undefined))).toEqual(['ADDED a', 'ADDED b']);
    expect(bookmark).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: String(now()), annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
    await create('c');
    expect(told(await watch.take(1))).toEqual(['ADDED c']);
  });

  test('false begins with what comes', async () => {
    await create('a');
    using watch = await openWatch(address, watching('sendInitialEvents=false&resourceVersionMatch=NotOlderThan'));
    await create('b');
    expect(told(await watch.take(1))).toEqual(['ADDED b']);
  });
});

describe('what a watch tells', () => {
  test('each change once, in the order of versions, the same to all', async () => {
    const watches = await Promise.all(Array.from({ length: 5 }, () => openWatch(address, watching(''))));
    await Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        await create(`m-${worker}`);
        await label(`m-${worker}`, 'x');
        await remove(`m-${worker}`);
      }),
    );
    const seen = await Promise.all(watches.map((watch) => watch.take(24)));
    const versions = seen[0]?.map((event) => Number(event.object.metadata.resourceVersion)) ?? [];
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    for (const events of seen) expect(events).toEqual(seen[0]);
    for (const watch of watches) watch[Symbol.dispose]();
  });

  test('the object as GET would answer it', async () => {
    using watch = await openWatch(address, watching(''));
    const made = await create('a', { app: 'x' }, { k: 'v' });
    expect(await watch.next()).toEqual({ type: 'ADDED', object: made.json });
  });

  test('a deleted object in its last state, at the version of the deletion', async () => {
    const made = await create('a', { app: 'x' });
    using watch = await openWatch(address, watching(`resourceVersion=${now()}`));
    await remove('a');
    const metadata = { ...made.json.metadata, resourceVersion: String(now()) };
    expect(await watch.next()).toEqual({ type: 'DELETED', object: { ...made.json, metadata } });
  });

  test.each(['labelSelector=app%3Dweb', 'labelSelector=app%20in%20(web,x)'])(
    'entering and leaving the selector %s is adding and deleting',
    async (selector) => {
      await create('a', { app: 'web' });
      await create('b', { app: 'db' });
      using watch = await openWatch(address, watching(selector));
      expect(told(await watch.take(1))).toEqual(['ADDED a']);
      await label('b', 'web');
      await label('a', 'db');
      await label('b', null);
      await label('b', 'web');
      await remove('b');
      await remove('a');
      await create('c', { app: 'web' });
      const events = await watch.take(6);
      expect(told(events)).toEqual(['ADDED b', 'DELETED a', 'DELETED b', 'ADDED b', 'DELETED b', 'ADDED c']);
      const left = events[1]?.object.metadata;
      expect(left.labels).toEqual({ app: 'web' });
      const versions = events.map((event) => Number(event.object.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(new Set(versions).size).toBe(6);
    },
  );

  test('one object, when the selector names it', async () => {
    await create('a');
    using watch = await openWatch(address, watching('fieldSelector=metadata.name%3Da&resourceVersion=0'));
    await create('b');
    await remove('a');
    expect(told(await watch.take(2))).toEqual(['ADDED a', 'DELETED a']);
  });

  test('tables and bare metadata, when the client asks for them', async () => {
    await create('a');
    using table = await openWatch(address, watching(''), 'application/json;as=Table;v=v1;g=meta.k8s.io');
    expect(await table.next()).toMatchObject({
      type: 'ADDED',
      object: {
        kind: 'Table',
        columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
        rows: [{ cells: ['a', 0, '0s'] }],
      },
    });
    using partial = await openWatch(
      address,
      watching(''),
      'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    );
    const event = await partial.next();
    expect(event?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
    await remove('a');
    expect((await table.next())?.type).toBe('DELETED');
    expect((await partial.next())?.object.metadata.resourceVersion).toBe(String(now()));
  });
});

describe('how a watch ends', () => {
  test('cleanly when its time is up', async () => {
    await create('a');
    using watch = await openWatch(address, watching('timeoutSeconds=1'));
    expect(told(await watch.rest())).toEqual(['ADDED a']);
    expect(watch.response.complete).toBe(true);
  });

  test('with an ERROR event when the history it follows is gone', async () => {
    const sinks: WatchSink[] = [];
    const { watch: original } = server.store;
    server.store.watch = (request, sink) => {
      sinks.push(sink);
      return original.call(server.store, request, sink);
    };
    using watch = await openWatch(address, watching(''));
    await create('a');
    await watch.take(1);
    for (const sink of sinks) sink.end({ kind: 'compacted', compactRevision: now() });
    expect(await watch.rest()).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } },
    ]);
  });

  test('cleanly when the server closes, which does not hang', async () => {
    const watches = await Promise.all(Array.from({ length: 20 }, () => openWatch(address, watching(''))));
    await create('a');
    await Promise.all(watches.map((watch) => watch.take(1)));
    const ends = Promise.all(watches.map((watch) => watch.rest()));
    await server.app.close();
    expect(await ends).toEqual(watches.map(() => []));
    expect(watches.every((watch) => watch.response.complete)).toBe(true);
  });

  test('in the store when the client leaves', async () => {
    const left = Promise.withResolvers<void>();
    const { watch: original } = server.store;
    server.store.watch = (request, sink) => {
      const handle = original.call(server.store, request, sink);
      return {
        [Symbol.dispose]() {
          handle[Symbol.dispose]();
          left.resolve();
        },
      };
    };
    const watch = await openWatch(address, watching(''));
    await create('a');
    await watch.take(1);
    watch[Symbol.dispose]();
    await left.promise;
  });

  test('before it begins, for a client that left meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { range, watch: original } = server.store;
    let opened = 0;
    server.store.range = async (request) => {
      asked.resolve();
      await gate.promise;
      return range.call(server.store, request);
    };
    server.store.watch = (request, sink) => {
      opened += 1;
      return original.call(server.store, request, sink);
    };
    const sent = request({ ...address, path: watching(''), headers: { authorization: 'Bearer admin' }, agent: false });
    const broken = new Promise((resolve) => sent.once('error', resolve));
    sent.end();
    await asked.promise;
    sent.destroy();
    await broken;
    await expect
      .poll(async () => (await server.metrics.metrics()).match(/^apiserver_longrunning_requests.* 0$/m))
      .not.toBeNull();
    gate.resolve();
    await server.call('GET', maps);
    expect(opened).toBe(0);
  });

  test('for a client that does not read, before it costs much, and for nobody else', async () => {
    const stuck = await get(address, watching(''));
    const closed = new Promise((resolve) => stuck.once('close', resolve));
    using healthy = await openWatch(address, watching(''));
    let seen = 0;
    for (let i = 0; !(await terminated()); i += 1) {
      await create(`big-${i}`, {}, { k: 'x'.repeat(200_000) });
      seen += (await healthy.take(1)).length;
      if (i > 300) throw new Error('the server keeps 60 MB for one watcher');
    }
    expect(seen).toBeGreaterThan(0);
    stuck.resume();
    await closed;
  });

  async function terminated(): Promise<boolean> {
    return (await server.metrics.metrics()).includes('apiserver_terminated_watchers_total{resource="configmaps"} 1');
  }
});
