import type { ServerResponse } from 'node:http';
import { configMap } from '@berth/api';
import { memoryStore, revision, type StoreEvent } from '@berth/store';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { EventEncodings } from '../../src/http/event-encoding.ts';
import { ResponseStream } from '../../src/http/response-stream.ts';
import { watchForm } from '../../src/http/watch-form.ts';
import { WatchStream, type WatchStreamOptions } from '../../src/http/watch-stream.ts';
import type { StoredObject } from '../../src/registry/registry.ts';
import { storageRange } from '../../src/registry/resource-key.ts';
import { putObject, removeObject } from '../registry/store-objects.ts';

/** A response that takes whatever it is given, as long as `waiting` is small. */
function response(written: Uint8Array[], waiting: () => number = () => 0): ResponseStream {
  const raw = {
    write: (bytes: Uint8Array) => {
      written.push(bytes);
      return true;
    },
    get writableLength() {
      return waiting();
    },
  };
  return new ResponseStream(raw as unknown as ServerResponse, 1_000);
}

const form = watchForm(configMap, { kind: 'object', encoding: 'json' }, 'Metadata', realWorld);

function stream(
  encodings: EventEncodings,
  written: Uint8Array[],
  facts: Partial<WatchStreamOptions> = {},
): WatchStream {
  const silent = { onSent: () => undefined, onEnd: () => undefined };
  return new WatchStream({
    response: response(written),
    encodings,
    form,
    selects: undefined,
    bookmarks: false,
    ...silent,
    ...facts,
  });
}

const key = '/registry/configmaps/default/a';
const object = { kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } };

test('a change is encoded once for a thousand watchers, and they share the bytes', async () => {
  await using store = memoryStore(realWorld);
  const encodings = new EventEncodings();
  const received = Array.from({ length: 1_000 }, (): Uint8Array[] => []);
  using watches = new DisposableStack();
  for (const written of received) watches.use(store.watch(storageRange('configmaps'), stream(encodings, written)));
  await putObject(store, key, object);
  await putObject(store, key, { ...object, data: { k: 'v' } });
  await removeObject(store, key);
  expect(encodings.encoded).toBe(3);
  for (const written of received) {
    expect(written).toHaveLength(3);
    for (const [index, bytes] of written.entries()) expect(bytes).toBe(received[0]?.[index]);
  }
});

test('watchers with selectors share what means the same to them', async () => {
  await using store = memoryStore(realWorld);
  const encodings = new EventEncodings();
  const [all, matching, other]: Uint8Array[][] = [[], [], []];
  using watches = new DisposableStack();
  for (const [written, selects] of [
    [all, undefined],
    [matching, () => true],
    [other, () => false],
  ] as const)
    watches.use(store.watch(storageRange('configmaps'), stream(encodings, written as Uint8Array[], { selects })));
  await putObject(store, key, object);
  expect(encodings.encoded).toBe(1);
  expect(matching?.[0]).toBe(all?.[0]);
  expect(other).toEqual([]);
});

test('watchers to whom a change means different things get different lines', async () => {
  await using store = memoryStore(realWorld);
  const encodings = new EventEncodings();
  const all: Uint8Array[] = [];
  const labelled: Uint8Array[] = [];
  await putObject(store, key, object);
  using watches = new DisposableStack();
  const selects = (one: StoredObject) => one.metadata.labels?.['app'] === 'web';
  watches.use(store.watch(storageRange('configmaps'), stream(encodings, all)));
  watches.use(store.watch(storageRange('configmaps'), stream(encodings, labelled, { selects })));
  await putObject(store, key, { ...object, metadata: { ...object.metadata, labels: { app: 'web' } } });
  expect([JSON.parse(String(all[0])).type, JSON.parse(String(labelled[0])).type]).toEqual(['MODIFIED', 'ADDED']);
});

test('a watcher that cannot be told what went is sent to list again', () => {
  const written: Uint8Array[] = [];
  const sink = stream(new EventEncodings(), written);
  const event: StoreEvent = { kind: 'delete', key, modRevision: revision(9), previous: undefined };
  const error = (() => {
    try {
      sink.events([event], revision(9));
    } catch (thrown) {
      return thrown as Error;
    }
    throw new Error('it was told');
  })();
  sink.end({ kind: 'failed', error });
  expect(JSON.parse(String(written[0]))).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
});

test('encodings of old changes are forgotten', () => {
  const encodings = new EventEncodings();
  const events = Array.from({ length: 100 }, (_, index): StoreEvent => {
    const value = new TextEncoder().encode(
      JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: `c-${index}` } }),
    );
    const at = revision(index + 2);
    return {
      kind: 'put',
      previous: undefined,
      kv: { key: `/k/${index}`, value, version: 1, createRevision: at, modRevision: at },
    };
  });
  const written: Uint8Array[] = [];
  for (const event of events) stream(encodings, written).events([event], revision(1));
  stream(encodings, written).events(events.slice(0, 1), revision(1));
  expect(encodings.encoded).toBe(101);
});

test('a bookmark is sent to those who allow it', () => {
  const written: Uint8Array[] = [];
  stream(new EventEncodings(), written).bookmark(revision(7));
  expect(written).toEqual([]);
  stream(new EventEncodings(), written, { bookmarks: true }).bookmark(revision(7));
  expect(String(written[0])).toBe(
    '{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"7"}}}\n',
  );
});

test('a watcher that has more waiting than its limit is given up, not fed', async () => {
  await using store = memoryStore(realWorld);
  const written: Uint8Array[] = [];
  const ended = Promise.withResolvers<unknown>();
  const waiting = (): number => written.reduce((sum, bytes) => sum + bytes.length, 0);
  const slow = stream(new EventEncodings(), written, { response: response(written, waiting), onEnd: ended.resolve });
  using _watch = store.watch(storageRange('configmaps'), slow);
  for (let i = 0; i < 20; i += 1) await putObject(store, key, { ...object, data: { i: 'x'.repeat(200) } });
  expect(await ended.promise).toEqual({ kind: 'slow' });
  expect(waiting()).toBeLessThan(2_000);
});
