import { once } from 'node:events';
import type { ConfigMap, Node, Pod, PodStatus, Secret } from '@berth/api';
import { agentV1 } from '@berth/wire';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import type { ClusterSettings, KnownServer, NodeIdentity } from '../../src/identity/node-identity.ts';
import type { Issued, TestAuthority } from './test-authority.ts';

type Session = ServerDuplexStream<agentV1.AgentMessage, agentV1.ServerMessage>;
type Tunnel = ServerDuplexStream<agentV1.TunnelFrame, agentV1.TunnelFrame>;
type Word = NonNullable<agentV1.ServerMessage['message']>;

export interface SeenStatus {
  readonly status: PodStatus;
  readonly gone: boolean;
}

/** A server that says what a test tells it to, over real gRPC with mutual TLS. */
export class ScriptedServer implements AsyncDisposable {
  readonly name: string;
  readonly sessions: Session[] = [];
  readonly hellos: agentV1.Hello[] = [];
  /** Last word about each pod, by name. */
  readonly seen: Map<string, SeenStatus> = new Map();
  /** Every status of every pod, in order. */
  readonly history: { readonly name: string; readonly status: PodStatus }[] = [];
  readonly events: agentV1.AgentEvent[] = [];
  readonly nodeStatuses: unknown[] = [];
  heartbeats = 0;
  /** Hears, but answers nothing any more. */
  mute = false;
  networkApplied = 0;
  /** Sent to every session right after welcome. */
  opening: Word[] = [];
  /** The servers of the cluster, told right after welcome; only itself when empty. */
  cluster: readonly ScriptedServer[] = [];
  readonly #server = new Server();
  readonly #watchers = new Set<() => void>();
  readonly #tunnels = new Map<string, (call: Tunnel, first: agentV1.TunnelFrame) => void>();
  #port = 0;

  private constructor(name: string) {
    this.name = name;
  }

  static async open(
    authority: TestAuthority,
    name = 's1',
    issued: Issued = authority.issue('system:servers', `system:server:${name}`),
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer(name);
    const service: agentV1.AgentGatewayServer = {
      session: (call) => server.#serve(call),
      tunnel: (call) => server.#accept(call),
    };
    server.#server.addService(agentV1.AgentGatewayService, service);
    const pair = { private_key: Buffer.from(issued.privateKey), cert_chain: Buffer.from(issued.certificate) };
    const credentials = ServerCredentials.createSsl(Buffer.from(authority.certificate), [pair], true);
    server.#port = await new Promise<number>((resolve, reject) => {
      server.#server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** As if killed: connections break off. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }

  send(word: Word): void {
    for (const session of this.sessions) session.write({ message: word });
  }

  assign(pod: Pod): void {
    this.send({ $case: 'pod', value: { pod: json(pod) } });
  }

  node(node: Node): void {
    this.send({ $case: 'node', value: { node: json(node) } });
  }

  config(kind: 'ConfigMap' | 'Secret', object: ConfigMap | Secret): void {
    this.send({ $case: 'config', value: { kind, object: json(object) } });
  }

  /** Tells which servers the cluster has now. */
  tellServers(servers: readonly ScriptedServer[]): void {
    this.cluster = servers;
    this.send({ $case: 'servers', value: { servers: serverAddresses(servers) } });
  }

  synced(): void {
    this.send({ $case: 'synced', value: { revision: 1 } });
  }

  /** Asks for logs and resolves with all of the output; rejects with the Status that came instead. */
  logs(
    request: Partial<agentV1.LogsRequest> & { readonly podUid: string; readonly container: string },
  ): Promise<string> {
    const logs = { follow: false, previous: false, timestamps: false, ...request };
    return this.ask({ $case: 'logs', value: logs });
  }

  /** Asks for whatever it is over a tunnel, like `logs`. */
  ask(request: agentV1.OpenTunnel['request']): Promise<string> {
    const tunnelId = `t${this.#tunnels.size + 1}`;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#tunnels.set(tunnelId, (call, first) => {
      const chunks: Buffer[] = [];
      const take = ({ frame }: agentV1.TunnelFrame) => {
        if (frame?.$case === 'data') chunks.push(frame.value.bytes);
        if (frame?.$case !== 'end') return;
        const status = frame.value.status;
        if (status.length > 0) reject(JSON.parse(status.toString()));
        else resolve(Buffer.concat(chunks).toString());
        call.end();
      };
      take(first);
      call.on('data', take);
    });
    this.send({ $case: 'openTunnel', value: { tunnelId, request } });
    return promise;
  }

  /** Resolves as soon as `condition` holds; it is asked again after every word of an agent. */
  async until<T>(what: string, condition: () => T | undefined | false, timeoutMs = 20_000): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      const found = condition();
      if (found !== undefined && found !== false) resolve(found);
    };
    const timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms in vain until ${what}`)), timeoutMs);
    this.#watchers.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#watchers.delete(look);
    });
  }

  statusOf(name: string): PodStatus | undefined {
    return this.seen.get(name)?.status;
  }

  #serve(call: Session): void {
    call.on('error', () => undefined);
    call.on('data', ({ message }: agentV1.AgentMessage) => {
      if (message !== undefined) this.#hear(call, message);
      for (const look of this.#watchers) look();
    });
    const leave = () => {
      const at = this.sessions.indexOf(call);
      if (at >= 0) this.sessions.splice(at, 1);
      for (const look of this.#watchers) look();
    };
    call.on('cancelled', leave);
    call.on('end', () => {
      leave();
      call.end();
    });
  }

  #hear(call: Session, message: NonNullable<agentV1.AgentMessage['message']>): void {
    switch (message.$case) {
      case 'hello':
        this.hellos.push(message.value);
        call.write({ message: { $case: 'welcome', value: this.#welcome() } });
        call.write({ message: { $case: 'servers', value: { servers: serverAddresses(this.#members) } } });
        for (const word of this.opening) call.write({ message: word });
        this.sessions.push(call);
        return;
      case 'heartbeat':
        this.heartbeats += 1;
        if (!this.mute) call.write({ message: { $case: 'heartbeatAck', value: message.value } });
        return;
      case 'podStatus': {
        const { name, status: bytes, gone } = message.value;
        const status: PodStatus = bytes.length === 0 ? (this.statusOf(name) ?? {}) : JSON.parse(bytes.toString());
        this.seen.set(name, { status, gone });
        this.history.push({ name, status });
        return;
      }
      case 'event':
        this.events.push(message.value);
        return;
      case 'nodeStatus':
        this.nodeStatuses.push(JSON.parse(message.value.status.toString()));
        return;
      case 'networkApplied':
        this.networkApplied = message.value.version;
    }
  }

  get #members(): readonly ScriptedServer[] {
    return this.cluster.length === 0 ? [this] : this.cluster;
  }

  #welcome(): agentV1.Welcome {
    return {
      clusterId: 'c1',
      serverName: this.name,
      heartbeatIntervalMs: 100,
      clusterDomain: 'cluster.local',
      clusterDns: '',
    };
  }

  #accept(call: Tunnel): void {
    call.on('error', () => undefined);
    void once(call, 'data').then(([first]: agentV1.TunnelFrame[]) => {
      const taker = first === undefined ? undefined : this.#tunnels.get(first.tunnelId);
      if (first !== undefined) taker?.(call, first);
    });
  }
}

export function json(object: object): Buffer {
  return Buffer.from(JSON.stringify(object));
}

function serverAddresses(servers: readonly ScriptedServer[]): KnownServer[] {
  return servers.map(({ name, address }) => ({ name, apiAddress: '127.0.0.1:1', gatewayAddress: address }));
}

/** Identity of a node that has joined the cluster of these servers. */
export function identityFor(
  authority: TestAuthority,
  nodeName: string,
  clusterId: string,
  servers: readonly ScriptedServer[],
  cidrs: Pick<ClusterSettings, 'podCidr' | 'serviceCidr'> = { podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' },
): NodeIdentity {
  const issued = authority.issue('system:nodes', `system:node:${nodeName}`);
  return {
    nodeName,
    clusterId,
    ...issued,
    caCertificate: authority.certificate,
    servers: serverAddresses(servers),
    settings: { podCidr: cidrs.podCidr, serviceCidr: cidrs.serviceCidr, clusterDomain: 'cluster.local' },
  };
}
