import { type KeyRange, type Operation, type Store, StoreError } from '@berth/store';
import { etcdV3 } from '@berth/wire';
import { Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';

/** Lets clients of etcd's KV service speak to a store, so that one load generator asks both engines in the same way. */
export async function openKvDoor(store: Store, address: string): Promise<void> {
  const server = new Server({ 'grpc.max_receive_message_length': 8 << 20 });
  server.addService(etcdV3.KVService, {
    range: (call, answer) => {
      range(store, call.request).then((response) => answer(null, response), failing(answer));
    },
    txn: (call, answer) => {
      txn(store, call.request).then((response) => answer(null, response), failing(answer));
    },
    compact: (_call, answer) => answer({ code: status.UNIMPLEMENTED, details: 'not measured' }),
  } satisfies etcdV3.KVServer);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

async function range(store: Store, request: etcdV3.RangeRequest): Promise<etcdV3.RangeResponse> {
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
  return { header: { revision }, kvs: found, more, count };
}

async function txn(store: Store, { success }: etcdV3.TxnRequest): Promise<etcdV3.TxnResponse> {
  const { revision, succeeded } = await store.txn({ compare: [], success: success.map(put) });
  const response = { $case: 'responsePut', value: { header: { revision } } } as const;
  return { header: { revision }, succeeded, responses: success.map(() => ({ response })) };
}

function put({ request }: etcdV3.RequestOp): Operation {
  if (request?.$case !== 'requestPut') throw new StoreError('invalid', 'only puts are measured');
  return { kind: 'put', key: request.value.key.toString('latin1'), value: request.value.value };
}

function keys({ key, rangeEnd }: etcdV3.RangeRequest): KeyRange {
  const from = key.toString('latin1');
  return rangeEnd.length === 0 ? { from } : { from, to: rangeEnd.toString('latin1') };
}

function failing(answer: (error: Partial<ServiceError>) => void): (error: unknown) => void {
  return (error) => answer({ code: status.UNAVAILABLE, details: String(error) });
}
