import { etcdV3 } from '@berth/wire';
import type { World } from '@berth/world';
import {
  type CallOptions,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { StoreError } from '../store-error.ts';
import { storeErrorOf } from './etcd-errors.ts';

export interface EtcdEndpoints {
  /** `host:port` of etcd members, e.g. `10.0.0.1:2379`. Tried in turn when one does not answer. */
  readonly endpoints: readonly [string, ...string[]];
  /** PEM. Absent: plain text, for an etcd on loopback. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
  /** Deadline of one request, default 10 s. */
  readonly requestTimeoutMs?: number;
}

interface Clients {
  readonly kv: etcdV3.KVClient;
  readonly watch: etcdV3.WatchClient;
  readonly lease: etcdV3.LeaseClient;
}

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

const channelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** Typed calls to one member of an etcd cluster, the next one when it fails; failures arrive as `StoreError`. */
export class EtcdChannel {
  readonly #world: World;
  readonly #clients: readonly Clients[];
  readonly #timeoutMs: number;
  #current = 0;

  constructor(world: World, options: EtcdEndpoints) {
    const secure = channelCredentials(options.tls);
    this.#world = world;
    this.#clients = options.endpoints.map((endpoint) => ({
      kv: new etcdV3.KVClient(endpoint, secure, channelOptions),
      watch: new etcdV3.WatchClient(endpoint, secure, channelOptions),
      lease: new etcdV3.LeaseClient(endpoint, secure, channelOptions),
    }));
    this.#timeoutMs = options.requestTimeoutMs ?? 10_000;
  }

  range(request: etcdV3.RangeRequest): Promise<etcdV3.RangeResponse> {
    return this.#call('read', ({ kv }) => kv.range.bind(kv), request);
  }

  txn(request: etcdV3.TxnRequest): Promise<etcdV3.TxnResponse> {
    return this.#call('write', ({ kv }) => kv.txn.bind(kv), request);
  }

  async compact(revision: number): Promise<void> {
    await this.#call('write', ({ kv }) => kv.compact.bind(kv), { revision });
  }

  async grantLease(id: number, seconds: number): Promise<void> {
    await this.#call('write', ({ lease }) => lease.leaseGrant.bind(lease), { ID: id, TTL: seconds });
  }

  async revokeLease(id: number): Promise<void> {
    await this.#call('write', ({ lease }) => lease.leaseRevoke.bind(lease), { ID: id });
  }

  openKeepAlive(): ClientDuplexStream<etcdV3.LeaseKeepAliveRequest, etcdV3.LeaseKeepAliveResponse> {
    return this.#present.lease.leaseKeepAlive();
  }

  /** A stream of all events of `[key, rangeEnd)` from `startRevision` on, with previous values. */
  openWatch(
    range: { readonly key: Buffer; readonly rangeEnd: Buffer },
    startRevision: number,
  ): ClientDuplexStream<etcdV3.WatchRequest, etcdV3.WatchResponse> {
    const stream = this.#present.watch.watch();
    const value = { ...range, startRevision, prevKv: true, progressNotify: false };
    stream.write({ requestUnion: { $case: 'createRequest', value } });
    return stream;
  }

  /** Leaves the present endpoint, for a stream that failed there. */
  rotate(): void {
    this.#current = (this.#current + 1) % this.#clients.length;
  }

  close(): void {
    for (const { kv, watch, lease } of this.#clients) {
      kv.close();
      watch.close();
      lease.close();
    }
  }

  get #present(): Clients {
    return this.#clients[this.#current] as Clients;
  }

  /** `unavailable` means that nothing was done: the other endpoints are asked, each once. */
  async #call<Request, Response>(
    what: 'read' | 'write',
    method: (clients: Clients) => Unary<Request, Response>,
    request: Request,
  ): Promise<Response> {
    let failure: StoreError | undefined;
    for (let attempt = 0; attempt < this.#clients.length; attempt++) {
      const used = this.#current;
      try {
        return await this.#once(method(this.#present), request);
      } catch (error) {
        failure = storeErrorOf(error, what);
        if (failure.code !== 'unavailable' && failure.code !== 'timeout') throw failure;
        if (used === this.#current) this.rotate();
        if (failure.code === 'timeout') throw failure;
      }
    }
    throw failure;
  }

  #once<Request, Response>(call: Unary<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const deadline = this.#world.clock.wallMs() + this.#timeoutMs;
      call(request, new Metadata(), { deadline }, (error, response) => {
        if (error === null) resolve(response);
        else reject(error);
      });
    });
  }
}

function channelCredentials(tls: EtcdEndpoints['tls']): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert));
}
