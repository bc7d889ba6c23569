import { type MemoryStore, memoryStore } from '@berth/store';
import type { agentV1 } from '@berth/wire';
import { realWorld } from '@berth/world';
import { pino } from 'pino';
import { Registry as MetricsRegistry } from 'prom-client';
import { openRpcListener, type RpcListener } from '../../src/cluster/rpc-listener.ts';
import { ServerClients } from '../../src/cluster/server-clients.ts';
import { ServerService } from '../../src/cluster/server-service.ts';
import { SessionDirectory } from '../../src/cluster/session-directory.ts';
import { AgentGateway } from '../../src/gateway/agent-gateway.ts';
import type { GatewayLimits } from '../../src/gateway/gateway-limits.ts';
import type { EventReport } from '../../src/loops/event-recorder.ts';
import { type ObjectCache, openObjectCache } from '../../src/registry/object-cache.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import { grpcChannelCredentials, grpcServerCredentials } from '../../src/security/grpc-credentials.ts';
import { type NameClaims, nameClaims } from '../../src/security/name-claims.ts';
import type { TlsSource } from '../../src/security/server-certificate.ts';
import { generateKeyPair } from '../../src/security/x509.ts';
import { type PlainRegistry, plainRegistry } from './plain-registry.ts';
import { type AgentIdentity, ScriptedAgent } from './scripted-agent.ts';

export interface GatewayBench extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly cache: ObjectCache;
  readonly registry: PlainRegistry;
  readonly gateway: AgentGateway;
  readonly directory: SessionDirectory;
  readonly service: ServerService;
  readonly clients: ServerClients;
  readonly claims: NameClaims;
  readonly authority: CertificateAuthority;
  readonly events: EventReport[];
  readonly address: string;
  agent(nodeName: string, identity?: AgentIdentity): Promise<ScriptedAgent>;
  identity(nodeName: string): Promise<AgentIdentity>;
  /** An object of the registry once it satisfies `holds`. */
  settled<T = Record<string, never>>(resource: string, key: string, holds: (object: T) => boolean): Promise<T>;
}

export interface GatewayBenchOptions {
  readonly name?: string;
  readonly limits?: Partial<GatewayLimits>;
  /** To share with another bench: two servers of one cluster. */
  readonly store?: MemoryStore;
  readonly authority?: CertificateAuthority;
  readonly tls?: TlsSource;
  /** What the gateway is told of the servers of the cluster. */
  readonly servers?: () => readonly agentV1.ServerAddress[];
}

export function serverAddress(name: string, host: string): agentV1.ServerAddress {
  return { name, apiAddress: `${host}:6443`, gatewayAddress: `${host}:6444` };
}

/** A gateway with real gRPC, real TLS and a store in memory. */
export async function openGatewayBench(options: GatewayBenchOptions = {}): Promise<GatewayBench> {
  const world = realWorld;
  const name = options.name ?? 's1';
  const store = options.store ?? memoryStore(world);
  const authority = options.authority ?? (await createCertificateAuthority(world));
  const cache = openObjectCache({ store, world });
  await cache.waitFor(store.status().revision);
  const registry = plainRegistry(store);
  const claims = nameClaims(store, world);
  const events: EventReport[] = [];
  const gateway = new AgentGateway({
    registry,
    cache,
    store,
    claims,
    world,
    log: pino({ level: 'silent' }),
    metrics: new MetricsRegistry(),
    recordEvent: (event) => void events.push(event),
    serverName: name,
    clusterDomain: 'cluster.local',
    servers: options.servers ?? (() => [serverAddress('s1', '10.0.0.1')]),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const tls = options.tls ?? (await serverTls(authority, name));
  const directory = new SessionDirectory(world.clock);
  const service = new ServerService({ store, gateway, directory, world });
  const credentials = grpcServerCredentials(tls);
  const listener: RpcListener = await openRpcListener({
    address: '127.0.0.1:0',
    credentials,
    gateway,
    servers: service,
    world,
  });
  const clients = new ServerClients(grpcChannelCredentials(tls));
  const address = `127.0.0.1:${listener.port}`;
  const agents: ScriptedAgent[] = [];
  const identity = (nodeName: string): Promise<AgentIdentity> => nodeIdentity(authority, nodeName);
  return {
    store,
    cache,
    registry,
    gateway,
    directory,
    service,
    clients,
    claims,
    authority,
    events,
    address,
    identity,
    async agent(nodeName, given) {
      const agent = new ScriptedAgent(address, nodeName, given ?? (await identity(nodeName)));
      agents.push(agent);
      return agent;
    },
    settled: (resource, key, holds) => settled(cache, resource, key, holds),
    async [Symbol.asyncDispose]() {
      for (const agent of agents) agent[Symbol.dispose]();
      clients[Symbol.dispose]();
      await gateway[Symbol.asyncDispose]();
      service[Symbol.dispose]();
      await listener[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
      if (options.store === undefined) await store[Symbol.asyncDispose]();
    },
  };
}

async function nodeIdentity(authority: CertificateAuthority, nodeName: string): Promise<AgentIdentity> {
  const keys = await generateKeyPair();
  const certificate = await authority.issue({ kind: 'node', name: nodeName }, keys.publicKey);
  return { caCertificate: authority.certificate, certificate, privateKey: keys.privateKey };
}

async function serverTls(authority: CertificateAuthority, name: string): Promise<TlsSource> {
  const keys = await generateKeyPair();
  const certificate = await authority.issue({ kind: 'server', name }, keys.publicKey, [name, '127.0.0.1']);
  return {
    current: { caCertificate: authority.certificate, certificate, privateKey: keys.privateKey },
    onChange: () => ({ [Symbol.dispose]: () => undefined }),
  };
}

function settled<T>(cache: ObjectCache, resource: string, key: string, holds: (object: T) => boolean): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const look = (): void => {
    const object = cache.get(resource, key) as T | undefined;
    if (object !== undefined && holds(object)) resolve(object);
  };
  const listening = cache.onChange(look);
  look();
  return promise.finally(() => listening[Symbol.dispose]());
}
