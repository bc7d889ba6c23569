import { serverV1 } from '@berth/wire';
import type { ChannelCredentials } from '@grpc/grpc-js';

/** A lost server must be noticed, and found again, within about a second. */
const channelOptions = {
  // Any name that is no address will do: who the server is, its certificate's organisation says.
  'grpc.ssl_target_name_override': 'kubernetes.default.svc',
  'grpc.keepalive_time_ms': 5_000,
  'grpc.keepalive_timeout_ms': 2_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
} as const;

/** One connection to each other server, opened when first needed. */
export class ServerClients implements Disposable {
  readonly #credentials: ChannelCredentials;
  readonly #clients = new Map<string, serverV1.ServerServiceClient>();

  constructor(credentials: ChannelCredentials) {
    this.#credentials = credentials;
  }

  /** `gatewayAddress`: `host:port`. */
  to(gatewayAddress: string): serverV1.ServerServiceClient {
    let client = this.#clients.get(gatewayAddress);
    if (client === undefined) {
      client = new serverV1.ServerServiceClient(gatewayAddress, this.#credentials, channelOptions);
      this.#clients.set(gatewayAddress, client);
    }
    return client;
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}
