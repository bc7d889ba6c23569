import { agentV1, serverV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { Server, type ServerCredentials } from '@grpc/grpc-js';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import type { ServerService } from './server-service.ts';

export interface RpcListenerOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string;
  readonly credentials: ServerCredentials;
  readonly gateway: Pick<AgentGateway, 'session' | 'tunnel'>;
  readonly servers: Pick<ServerService, 'reportSessions' | 'locateNode' | 'relayTunnel'>;
  readonly world: World;
}

export interface RpcListener extends AsyncDisposable {
  readonly port: number;
}

const serverOptions = {
  // Second line behind the sessions' own heartbeats: frees what a vanished machine has left open.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_connection_idle_ms': 300_000,
  'grpc.max_receive_message_length': 4 * 1024 * 1024,
} as const;

const closeMs = 1_000;

/** Everything that speaks gRPC to this server: agents, and the other servers. */
export async function openRpcListener(options: RpcListenerOptions): Promise<RpcListener> {
  const { address, credentials, gateway, servers, world } = options;
  const server = new Server(serverOptions);
  server.addService(sharedAgentGateway(), { session: gateway.session, tunnel: gateway.tunnel });
  server.addService(serverV1.ServerServiceService, {
    reportSessions: servers.reportSessions,
    locateNode: servers.locateNode,
    relayTunnel: servers.relayTunnel,
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  const port = await promise;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.tryShutdown(() => done()));
      using _limit = world.timers.after(closeMs, () => server.forceShutdown());
      await closed;
    },
  };
}

/** The generated service, except that a network table, which goes to every agent, is encoded once. */
function sharedAgentGateway(): typeof agentV1.AgentGatewayService {
  const encoded = new WeakMap<agentV1.NetworkTable, Buffer>();
  const { session } = agentV1.AgentGatewayService;
  const responseSerialize = (value: agentV1.ServerMessage): Buffer => {
    if (value.message?.$case !== 'network') return session.responseSerialize(value);
    const table = value.message.value;
    let bytes = encoded.get(table);
    if (bytes === undefined) {
      bytes = session.responseSerialize(value);
      encoded.set(table, bytes);
    }
    return bytes;
  };
  return { ...agentV1.AgentGatewayService, session: { ...session, responseSerialize } };
}
