import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { KeyRange, Store } from '@berth/store';
import { etcdV3 } from '@berth/wire';
import { status } from '@grpc/grpc-js';
import { framed, prefixBytes } from './http2-frames.ts';
import { putsOf, txnAnswer } from './kv-messages.ts';

/** What is asked for behind the door. */
export type DoorStore = Pick<Store, 'range' | 'txn'>;

/** Answers one message with one, as unary calls do. */
type Method = (store: DoorStore, message: Buffer) => Promise<Uint8Array>;

const methods: ReadonlyMap<string, Method> = new Map([
  [etcdV3.KVService.range.path, range],
  [etcdV3.KVService.txn.path, txn],
]);

/**
 * Lets clients of etcd's KV service speak to a store, so that one load generator asks both engines in the same way. It is no part of the product, and
 * shall cost as little as it can: HTTP/2 as Node has it, and of gRPC only what unary calls without compression, deadlines and metadata need.
 */
export async function openKvDoor(store: DoorStore, address: string): Promise<void> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const method = methods.get(headers[':path'] ?? '');
    let received: Buffer | undefined;
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => {
      received = received === undefined ? chunk : Buffer.concat([received, chunk]);
    });
    stream.on('end', () => {
      if (method === undefined) fail(stream, status.UNIMPLEMENTED, 'not measured');
      else
        method(store, (received ?? Buffer.alloc(0)).subarray(prefixBytes)).then(
          (message) => answer(stream, message),
          (error: unknown) => fail(stream, status.UNAVAILABLE, String(error)),
        );
    });
  });
  const at = address.lastIndexOf(':');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(Number(address.slice(at + 1)), address.slice(0, at), resolve);
  });
}

function answer(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status.OK }));
  stream.end(framed(message));
}

function fail(stream: ServerHttp2Stream, code: number, details: string): void {
  if (stream.destroyed) return;
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  const trailers = { 'grpc-status': code, 'grpc-message': encodeURIComponent(details) };
  stream.respond({ ...headers, ...trailers }, { endStream: true });
}

async function range(store: DoorStore, message: Buffer): Promise<Uint8Array> {
  const request = etcdV3.RangeRequest.decode(message);
  const { revision, kvs, more, count } = await store.range({
    ...keys(request),
    limit: request.limit,
    consistency: { kind: request.serializable ? 'local' : 'linearizable' },
  });
  const found = kvs.map(({ key, value, ...numbers }) => ({
    key: Buffer.from(key, 'latin1'),
    value: value as Buffer,
    ...numbers,
  }));
  return etcdV3.RangeResponse.encode({ header: { revision }, kvs: found, more, count }).finish();
}

async function txn(store: DoorStore, message: Buffer): Promise<Uint8Array> {
  const success = putsOf(message);
  const { revision, succeeded } = await store.txn({ compare: [], success });
  return txnAnswer(revision, succeeded, success.length);
}

function keys({ key, rangeEnd }: etcdV3.RangeRequest): KeyRange {
  const from = key.toString('latin1');
  return rangeEnd.length === 0 ? { from } : { from, to: rangeEnd.toString('latin1') };
}
