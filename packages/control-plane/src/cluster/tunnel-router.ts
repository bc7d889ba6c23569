import type { serverV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { Metadata } from '@grpc/grpc-js';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import { unreachable } from '../gateway/tunnel-broker.ts';
import type { OpenTunnel } from '../http/tunnel-port.ts';
import type { ServerClients } from './server-clients.ts';
import { relayedTunnel } from './tunnel-relay.ts';

export interface TunnelRouterOptions {
  readonly gateway: Pick<AgentGateway, 'hasSession' | 'openTunnel' | 'metrics'>;
  readonly clients: ServerClients;
  readonly world: World;
  /** `host:port` of the other servers' gateways. */
  otherGateways(): readonly string[];
}

const locateTimeoutMs = 1_500;

/**
 * Finds the server that has a node's session. All others are asked at once: there are few, the answer comes from their
 * memory, and it works without a leader.
 */
export function tunnelRouter({ clients, gateway, otherGateways, world }: TunnelRouterOptions): OpenTunnel {
  return async (nodeName, request, signal) => {
    if (gateway.hasSession(nodeName)) {
      gateway.metrics.tunnels.inc({ route: 'local' });
      return await gateway.openTunnel(nodeName, request, signal);
    }
    const questions = otherGateways().map((address) => locate(clients.to(address), nodeName, world));
    const client = await Promise.any(questions).catch(() => undefined);
    signal.throwIfAborted();
    if (client === undefined) throw unreachable(nodeName, 'its agent is connected to no server that answers');
    gateway.metrics.tunnels.inc({ route: 'relay' });
    return await relayedTunnel({ stream: client.relayTunnel(), nodeName, request, world, signal });
  };
}

/** Rejects when the server does not have the session or does not answer. */
function locate(
  client: serverV1.ServerServiceClient,
  nodeName: string,
  { clock }: World,
): Promise<serverV1.ServerServiceClient> {
  const { promise, resolve, reject } = Promise.withResolvers<serverV1.ServerServiceClient>();
  const deadline = clock.wallMs() + locateTimeoutMs;
  client.locateNode({ nodeName }, new Metadata(), { deadline }, (error, response) => {
    if (error === null && response.found) resolve(client);
    else reject(error ?? new Error('not here'));
  });
  return promise;
}
