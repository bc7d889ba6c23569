import type { Store } from '@berth/store';
import type { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { status } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { TunnelRequest } from '../http/tunnel-port.ts';
import type { RecordEvent } from '../loops/event-recorder.ts';
import type { ObjectCache, ObjectChange } from '../registry/object-cache.ts';
import type { Registry } from '../registry/registry.ts';
import type { NameClaims } from '../security/name-claims.ts';
import { AgentReports } from './agent-reports.ts';
import { AgentSession, type SessionCall } from './agent-session.ts';
import { defaultGatewayLimits, type GatewayLimits, silenceTickMs } from './gateway-limits.ts';
import { type GatewayMetrics, gatewayMetrics } from './gateway-metrics.ts';
import { NetworkFeed } from './network-feed.ts';
import { type ConfigKind, configResources } from './pod-references.ts';
import { isMarkedLost } from './pod-status-merge.ts';
import { PodStatusWriter } from './pod-status-writer.ts';
import { endWithStatus } from './rpc-caller.ts';
import { ServerRoster } from './server-roster.ts';
import { admitAgent, type Refused } from './session-admission.ts';
import { TunnelBroker, type TunnelCall, unreachable } from './tunnel-broker.ts';

export interface AgentGatewayOptions {
  readonly registry: Registry;
  readonly cache: ObjectCache;
  readonly store: Pick<Store, 'range' | 'clusterId'>;
  readonly claims: Pick<NameClaims, 'holds'>;
  readonly world: World;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  readonly recordEvent: RecordEvent;
  readonly serverName: string;
  readonly clusterDomain: string;
  /** Every server of the cluster as this one knows them now, itself included. */
  servers(): readonly agentV1.ServerAddress[];
  readonly limits?: Partial<GatewayLimits>;
}

/** A session began or ended on this server. */
export interface SessionChange {
  readonly nodeName: string;
  readonly processId: string;
  readonly connected: boolean;
}

const kindOfResource: ReadonlyMap<string, ConfigKind> = new Map(
  Object.entries(configResources).map(([kind, resource]) => [resource, kind as ConfigKind]),
);

/** The door for agents: one session per node, fed from the object cache, its reports written through the registry. */
export class AgentGateway implements AsyncDisposable {
  readonly metrics: GatewayMetrics;
  readonly #options: AgentGatewayOptions;
  readonly #limits: GatewayLimits;
  readonly #sessions = new Map<string, AgentSession>();
  readonly #listeners = new Set<(change: SessionChange) => void>();
  readonly #network: NetworkFeed;
  readonly #roster: ServerRoster;
  readonly #reports: AgentReports;
  readonly #broker: TunnelBroker;
  readonly #following: Disposable;
  readonly #silence: Disposable;
  #isClosing = false;

  constructor(options: AgentGatewayOptions) {
    const { cache, log, metrics, registry, world } = options;
    this.#options = options;
    this.#limits = { ...defaultGatewayLimits, ...options.limits };
    this.#network = new NetworkFeed(cache, world, () => {
      for (const session of this.#sessions.values()) session.networkChanged();
    });
    this.#roster = new ServerRoster(() => options.servers());
    const writer = new PodStatusWriter({ registry, world, log });
    this.#reports = new AgentReports({ cache, registry, world, log, writer, recordEvent: options.recordEvent });
    this.#broker = new TunnelBroker(world);
    this.metrics = gatewayMetrics(metrics, {
      sessions: () => this.#sessions.size,
      pendingReports: () => writer.pending,
    });
    this.#following = cache.onChange((change) => this.#pass(change));
    this.#silence = world.timers.every(silenceTickMs, () => {
      this.#listen();
      if (this.#roster.look()) for (const session of this.#sessions.values()) session.serversChanged();
    });
  }

  /** Every session of this server at this moment. */
  sessions(): readonly SessionChange[] {
    return [...this.#sessions.values()].map(({ nodeName, processId }) => ({ nodeName, processId, connected: true }));
  }

  hasSession(nodeName: string): boolean {
    return this.#sessions.has(nodeName);
  }

  onSession(listener: (change: SessionChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Runs a request on a node whose session is here; see `OpenTunnel` for errors and the stream. */
  async openTunnel(nodeName: string, request: TunnelRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const session = this.#sessions.get(nodeName);
    if (session === undefined) throw unreachable(nodeName, 'its agent has no session on this server');
    return await this.#broker.open(session, request, signal);
  }

  /** The gRPC handler `Session`. */
  readonly session = (call: SessionCall): void => {
    call.on('error', () => undefined);
    void this.#serve(call).catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'a session could not be served');
      endWithStatus(call, status.INTERNAL, 'the server failed; its log tells more');
    });
  };

  /** The gRPC handler `Tunnel`. */
  readonly tunnel = (call: TunnelCall): void => this.#broker.accept(call);

  /** Sends agents to other servers and waits until they have gone, but not for long. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#silence[Symbol.dispose]();
    const sessions = [...this.#sessions.values()];
    for (const session of sessions)
      session.send({ $case: 'goodbye', value: { reason: 'the server is shutting down' } });
    const leaving = sessions.map((session) => ended(session));
    const patience = new AbortController();
    await Promise.race([
      Promise.all(leaving),
      this.#options.world.timers.sleep(this.#limits.goodbyeMs, patience.signal).catch(() => undefined),
    ]);
    patience.abort();
    for (const session of this.#sessions.values()) session.end(status.UNAVAILABLE, 'the server is shutting down');
    this.#following[Symbol.dispose]();
    this.#network[Symbol.dispose]();
  }

  async #serve(call: SessionCall): Promise<void> {
    const { cache, claims, clusterDomain, log, serverName, store, world } = this.#options;
    const admission = await admitAgent(call, { cache, claims, world, helloMs: this.#limits.helloMs });
    if (admission.kind === 'refused') return this.#refuse(call, admission);
    if (this.#isClosing)
      return this.#refuse(call, { kind: 'refused', code: status.UNAVAILABLE, message: 'the server is shutting down' });
    const { nodeName, hello, node } = admission;
    let confirmed = 0;
    const session = new AgentSession({
      call,
      nodeName,
      processId: hello.processId,
      cache,
      servers: () => this.#roster.current,
      networkTable: () => this.#network.current,
      confirmedRevision: () => confirmed,
    });
    this.#begin(session);
    session.send({
      $case: 'welcome',
      value: {
        clusterId: store.clusterId,
        serverName,
        heartbeatIntervalMs: this.#limits.heartbeatIntervalMs,
        clusterDomain,
        clusterDns: '',
      },
    });
    session.serversChanged();
    session.sendAll();
    this.#reports.follow(call, session, node);
    confirmed = await this.#confirm(session);
    if (session.ended.aborted) return;
    session.sendSynced();
    log.info({ node: nodeName, revision: confirmed }, 'agent session synced');
  }

  #refuse(call: SessionCall, { code, message }: Refused): void {
    this.#options.log.warn({ peer: call.getPeer(), code: status[code] }, `agent refused: ${message}`);
    endWithStatus(call, code, message);
  }

  #begin(session: AgentSession): void {
    const { nodeName, processId } = session;
    const before = this.#sessions.get(nodeName);
    this.#sessions.set(nodeName, session);
    before?.end(status.ABORTED, 'a newer session of this node has begun');
    this.#options.log.info({ node: nodeName }, 'agent connected');
    this.#tell({ nodeName, processId, connected: true });
    session.ended.addEventListener('abort', () => this.#ended(session), { once: true });
  }

  #ended(session: AgentSession): void {
    const { nodeName, processId } = session;
    const isReplaced = this.#sessions.get(nodeName) !== session;
    this.metrics.sessionsEnded.inc({ cause: isReplaced ? 'replaced' : 'closed' });
    if (isReplaced) return;
    this.#sessions.delete(nodeName);
    this.#options.log.info({ node: nodeName, reason: String(session.ended.reason) }, 'agent session ended');
    this.#tell({ nodeName, processId, connected: false });
  }

  #tell(change: SessionChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /**
   * Asks a quorum how far the store is and waits until the cache is there: an agent removes what it was not sent, so a
   * server that is behind or cut off must not tell it that it knows everything. Resolves late without a quorum.
   */
  async #confirm(session: AgentSession): Promise<number> {
    const { cache, store, world } = this.#options;
    for (let attempt = 0; !session.ended.aborted; attempt++) {
      try {
        const { revision } = await store.range({ from: '/berth/', limit: 1, consistency: { kind: 'linearizable' } });
        await cache.waitFor(revision, session.ended);
        return revision;
      } catch (error) {
        this.#options.log.debug(
          { node: session.nodeName, err: error },
          'no quorum confirms the state of a session yet',
        );
        await world.timers.sleep(Math.min(200 * 2 ** attempt, 2_000), session.ended).catch(() => undefined);
      }
    }
    return 0;
  }

  /** Lets each session know what of a change concerns it. */
  #pass(change: ObjectChange): void {
    this.#network.consider(change);
    const { key, resource } = change;
    if (resource === 'pods') {
      this.#passPod(key, change);
      return;
    }
    if (resource === 'nodes') this.#passNode(key, change);
    const kind = kindOfResource.get(resource);
    if (kind === undefined) return;
    const [namespace = '', name = ''] = key.split('/');
    for (const session of this.#sessions.values()) session.configChanged({ kind, namespace, name });
  }

  #passPod(key: string, { after, before }: ObjectChange): void {
    for (const nodeName of new Set([nodeOf(before), nodeOf(after)]))
      if (nodeName !== undefined) this.#sessions.get(nodeName)?.podChanged(key);
    const nodeName = nodeOf(after);
    // A leader that has not heard of the session yet may mark the pod after its agent has spoken.
    if (nodeName === undefined || !isMarkedLost(after) || isMarkedLost(before)) return;
    const uid = after?.metadata.uid;
    if (uid !== undefined) this.#sessions.get(nodeName)?.reportAgain(uid);
  }

  #passNode(nodeName: string, { after }: ObjectChange): void {
    const session = this.#sessions.get(nodeName);
    if (session === undefined) return;
    // Its agent comes back at once and registers anew: a node that runs is never without its object.
    if (after === undefined) {
      session.end(status.ABORTED, 'the Node object was deleted');
      return;
    }
    session.nodeChanged();
    this.#reports.nodeChanged(session);
  }

  #listen(): void {
    const limits = {
      silentTicks: Math.ceil(this.#limits.silenceMs / silenceTickMs),
      blockedTicks: Math.ceil(this.#limits.blockedMs / silenceTickMs),
    };
    for (const session of [...this.#sessions.values()]) {
      const fault = session.tick(limits);
      if (fault !== undefined) session.end(status.DEADLINE_EXCEEDED, fault);
    }
  }
}

function nodeOf(pod: ObjectChange['after']): string | undefined {
  return (pod?.['spec'] as { readonly nodeName?: string } | undefined)?.nodeName;
}

function ended(session: AgentSession): Promise<void> {
  if (session.ended.aborted) return Promise.resolve();
  return new Promise((resolve) => session.ended.addEventListener('abort', () => resolve(), { once: true }));
}
