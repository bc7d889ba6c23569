import { openRpcListener } from '../cluster/rpc-listener.ts';
import { ServerClients } from '../cluster/server-clients.ts';
import { hostAndPort, serverList } from '../cluster/server-list.ts';
import { ServerService } from '../cluster/server-service.ts';
import { SessionDirectory } from '../cluster/session-directory.ts';
import { startSessionReporter } from '../cluster/session-reporter.ts';
import { tunnelRouter } from '../cluster/tunnel-router.ts';
import { AgentGateway } from '../gateway/agent-gateway.ts';
import type { OpenTunnel } from '../http/tunnel-port.ts';
import { grpcChannelCredentials, grpcServerCredentials } from '../security/grpc-credentials.ts';
import { nameClaims } from '../security/name-claims.ts';
import type { ServerGround } from './server-ground.ts';
import type { ServerState } from './server-state.ts';

/** What the rest of a server needs of its side towards nodes. */
export interface ServerNodes {
  /** Which agents are connected to any server; filled while this one leads. */
  readonly directory: SessionDirectory;
  readonly openTunnel: OpenTunnel;
}

/** Whom a server serves besides clients of the API: agents, and the other servers. */
export async function openNodes(
  ground: ServerGround,
  state: ServerState,
  starting: AsyncDisposableStack,
): Promise<ServerNodes> {
  const { certificate, home, log, metrics, options, world } = ground;
  const { cache, events, registry, self, store } = state;
  const gateway = new AgentGateway({
    registry,
    cache,
    store,
    claims: nameClaims(store, world),
    world,
    log,
    metrics,
    recordEvent: events.record,
    serverName: self.name,
    clusterDomain: home.settings.clusterDomain,
    servers: () => serverList(store, self),
  });
  const directory = new SessionDirectory(world.clock);
  const servers = starting.use(new ServerService({ store, gateway, directory, world }));
  const address = hostAndPort(options.gatewayListen.host, options.gatewayListen.port);
  const credentials = grpcServerCredentials(certificate);
  starting.use(await openRpcListener({ address, credentials, gateway, servers, world }));
  const clients = starting.use(new ServerClients(grpcChannelCredentials(certificate)));
  starting.use(startSessionReporter({ store, gateway, directory, clients, world, serverName: self.name }));
  // Closed before the listener: agents are sent away while they can still be spoken to.
  starting.use(gateway);
  const others = (): readonly string[] =>
    serverList(store, self)
      .filter(({ name }) => name !== self.name)
      .map(({ gatewayAddress }) => gatewayAddress);
  return { directory, openTunnel: tunnelRouter({ gateway, clients, world, otherGateways: others }) };
}
