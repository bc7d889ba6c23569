import type { agentV1 } from '@berth/wire';
import type { ServerDuplexStream, status } from '@grpc/grpc-js';
import { type AssignmentSource, NodeAssignment } from './node-assignment.ts';
import { type ConfigReference, configKey } from './pod-references.ts';
import { endWithStatus } from './rpc-caller.ts';
import { type Message, SessionOutbox } from './session-outbox.ts';

export type SessionCall = ServerDuplexStream<agentV1.AgentMessage, agentV1.ServerMessage>;

export interface AgentSessionOptions {
  readonly call: SessionCall;
  readonly nodeName: string;
  /** Random per agent process. */
  readonly processId: string;
  readonly cache: AssignmentSource;
  /** Every server of the cluster, at the moment it is sent. */
  servers(): agentV1.Servers;
  networkTable(): agentV1.NetworkTable;
  /** Revision up to which a quorum has confirmed what is sent; read when `synced` is sent. */
  confirmedRevision(): number;
}

/** Ticks without a word from the agent, and ticks during which it did not take what it was sent. */
export interface SilenceLimits {
  readonly silentTicks: number;
  readonly blockedTicks: number;
}

/** The server's half of one agent's session: what is to be sent to it, and whether it still lives. */
export class AgentSession {
  readonly nodeName: string;
  readonly processId: string;
  /** Version of the network table that the node's kernel has taken over; 0 before the first. */
  appliedNetworkVersion = 0;
  readonly #call: SessionCall;
  readonly #options: AgentSessionOptions;
  readonly #assignment: NodeAssignment;
  readonly #outbox: SessionOutbox;
  readonly #ended = new AbortController();
  #sentNetworkVersion = -1;
  #silentTicks = 0;
  #blockedTicks = 0;

  constructor(options: AgentSessionOptions) {
    this.nodeName = options.nodeName;
    this.processId = options.processId;
    this.#call = options.call;
    this.#options = options;
    this.#assignment = new NodeAssignment(options.nodeName, options.cache);
    this.#outbox = new SessionOutbox(options.call, (mark) => this.#render(mark));
    const ended = (): void => this.#ended.abort(new Error(`the session of node ${options.nodeName} has ended`));
    options.call.once('close', ended);
    options.call.once('cancelled', ended);
  }

  /** Aborted when the session has ended, for whatever reason. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Marks and messages that wait for the agent. */
  get waiting(): number {
    return this.#outbox.waiting;
  }

  /** Sends everything that is assigned to the node. */
  sendAll(): void {
    this.#outbox.mark('node', ...this.#assignment.podKeys().map(podMark), 'network');
  }

  /** Sends everything again that is not up to date, and behind it `synced`. */
  sendSynced(): void {
    this.sendAll();
    this.#outbox.mark('synced');
  }

  serversChanged(): void {
    this.#outbox.mark('servers');
  }

  /** Somebody else has written over what the agent reported of this pod. */
  reportAgain(podUid: string): void {
    this.#outbox.mark(`report:${podUid}`);
  }

  nodeChanged(): void {
    this.#outbox.mark('node');
  }

  podChanged(key: string): void {
    this.#outbox.mark(podMark(key));
  }

  configChanged(reference: ConfigReference): void {
    const key = configKey(reference);
    if (this.#assignment.refersTo(key)) this.#outbox.mark(`config:${key}`);
  }

  networkChanged(): void {
    this.#outbox.mark('network');
  }

  /** Ahead of all state. False when the agent has too much to read already. */
  send(message: Message): boolean {
    return !this.#ended.signal.aborted && this.#outbox.send(message);
  }

  /** A word from the agent: it lives. */
  heard(): void {
    this.#silentTicks = 0;
  }

  /**
   * Counts time in ticks rather than by the clock: after a stall of this server it has missed ticks as well as
   * messages, and must not take its own silence for the agent's. Says why the session has to end, if it has to.
   */
  tick(limits: SilenceLimits): string | undefined {
    this.#silentTicks += 1;
    this.#blockedTicks = this.#outbox.isBlocked ? this.#blockedTicks + 1 : 0;
    if (this.#silentTicks > limits.silentTicks) return 'nothing was heard from the agent';
    if (this.#blockedTicks > limits.blockedTicks) return 'the agent does not read what it is sent';
    return undefined;
  }

  end(code: status, details: string): void {
    endWithStatus(this.#call, code, details);
    this.#ended.abort(new Error(details));
  }

  #render(mark: string): readonly Message[] {
    if (mark === 'node') return this.#assignment.node();
    if (mark === 'servers') return [{ $case: 'servers', value: this.#options.servers() }];
    if (mark === 'network') return this.#renderNetwork();
    if (mark === 'synced') return [{ $case: 'synced', value: { revision: this.#options.confirmedRevision() } }];
    if (mark.startsWith('report:')) return [{ $case: 'reportPod', value: { uid: mark.slice('report:'.length) } }];
    if (mark.startsWith('pod:')) return this.#assignment.pod(mark.slice('pod:'.length));
    return this.#assignment.config(mark.slice('config:'.length));
  }

  #renderNetwork(): readonly Message[] {
    const table = this.#options.networkTable();
    if (table.version === this.#sentNetworkVersion) return [];
    this.#sentNetworkVersion = table.version;
    return [{ $case: 'network', value: table }];
  }
}

function podMark(key: string): string {
  return `pod:${key}`;
}
