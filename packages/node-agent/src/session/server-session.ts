import { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { type ClientDuplexStream, connectivityState, credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { NodeIdentity } from '../identity/node-identity.ts';
import { serverFault } from '../identity/server-proof.ts';

/** Of messages in either direction; a network table of 10,000 services stays well below. */
const messageBytesMax = 64 * 2 ** 20;
/** From the connection to `welcome`. */
const welcomeMs = 3000;
/** A server from which nothing was heard for so long is given up; it answers each heartbeat. */
const silenceMs = 1200;

export type ServerWord = NonNullable<agentV1.ServerMessage['message']>;
export type AgentWord = NonNullable<agentV1.AgentMessage['message']>;
export type SessionEnd =
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface ServerSessionOptions {
  /** `host:port` of the gateway. */
  readonly address: string;
  readonly identity: NodeIdentity;
  readonly hello: agentV1.Hello;
  /** To connect. */
  readonly connectMs: number;
  readonly world: World;
  /** Before anything else the server says is heard. */
  readonly onWelcome: (welcome: agentV1.Welcome, session: ServerSession) => void;
  /** Every message after `welcome`, in order. */
  readonly onMessage: (word: ServerWord, session: ServerSession) => void;
  /** The connection can take more. */
  readonly onDrain: () => void;
}

/** One session with one server, from the first packet to the end. */
export class ServerSession {
  readonly address: string;
  readonly client: agentV1.AgentGatewayClient;
  readonly #options: ServerSessionOptions;
  readonly #call: ClientDuplexStream<agentV1.AgentMessage, agentV1.ServerMessage>;
  readonly #welcome = Promise.withResolvers<agentV1.Welcome>();
  readonly #ended = Promise.withResolvers<SessionEnd>();
  #welcomed = false;
  #over = false;
  #full = false;
  #heardMs: number;
  #sequence = 0;
  #timers: Disposable[] = [];

  constructor(options: ServerSessionOptions) {
    this.#options = options;
    this.address = options.address;
    const { world, identity } = options;
    this.#heardMs = world.clock.monotonicMs();
    this.client = new agentV1.AgentGatewayClient(options.address, sessionCredentials(identity), channelOptions);
    this.#call = this.client.session();
    this.#call.on('data', (message: agentV1.ServerMessage) => this.#hear(message));
    this.#call.on('drain', () => {
      this.#full = false;
      options.onDrain();
    });
    this.#call.on('error', (error: ServiceError) => this.#end(endOf(error)));
    this.#call.on('end', () => this.#end({ kind: 'lost', reason: 'the server has closed the session' }));
    this.#timers.push(world.timers.after(options.connectMs, () => this.#giveUp('no connection')));
    this.#watchConnection();
    this.#welcome.promise.catch(() => undefined);
    this.send({ $case: 'hello', value: options.hello });
  }

  /** Rejects when the session ends before. */
  get welcome(): Promise<agentV1.Welcome> {
    return this.#welcome.promise;
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise;
  }

  /** False while the connection has more to send than it can. */
  get writable(): boolean {
    return !this.#full;
  }

  send(message: AgentWord): void {
    if (!this.#call.writable) return;
    this.#full = !this.#call.write({ message });
  }

  /** Ends it from our side. */
  close(): void {
    this.#end({ kind: 'lost', reason: 'closed by the agent' });
  }

  /** `client.waitForReady` would do, but for opening another connection when this one is given up. */
  #watchConnection(): void {
    if (this.#welcomed || this.#over) return;
    const channel = this.client.getChannel();
    const state = channel.getConnectivityState(false);
    if (state !== connectivityState.READY) {
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => this.#watchConnection());
      return;
    }
    this.#stopTimers();
    this.#timers.push(this.#options.world.timers.after(welcomeMs, () => this.#giveUp('no welcome')));
  }

  #hear({ message }: agentV1.ServerMessage): void {
    this.#heardMs = this.#options.world.clock.monotonicMs();
    if (message === undefined) return;
    if (this.#welcomed) {
      if (message.$case !== 'heartbeatAck') this.#options.onMessage(message, this);
      return;
    }
    if (message.$case !== 'welcome') {
      this.#giveUp(`the first word of the server was ${message.$case}, not welcome`);
      return;
    }
    this.#welcomed = true;
    this.#stopTimers();
    this.#beat(message.value.heartbeatIntervalMs || 300);
    this.#options.onWelcome(message.value, this);
    this.#welcome.resolve(message.value);
  }

  #beat(intervalMs: number): void {
    const { timers, clock } = this.#options.world;
    let lastMs = clock.monotonicMs();
    const beat = () => {
      const nowMs = clock.monotonicMs();
      // We stood still ourselves: what the server said meanwhile is yet to be read.
      if (nowMs - lastMs > 2 * intervalMs) this.#heardMs = nowMs;
      lastMs = nowMs;
      if (nowMs - this.#heardMs > Math.max(silenceMs, 4 * intervalMs)) {
        this.#giveUp('the server has fallen silent');
        return;
      }
      this.#sequence += 1;
      this.send({ $case: 'heartbeat', value: { sequence: this.#sequence } });
    };
    this.#timers.push(timers.every(intervalMs, beat));
  }

  #giveUp(reason: string): void {
    this.#end({ kind: 'lost', reason });
  }

  #end(end: SessionEnd): void {
    this.#over = true;
    this.#stopTimers();
    this.#ended.resolve(end);
    this.#welcome.reject(new Error(end.reason));
    this.#call.cancel();
    this.client.close();
  }

  #stopTimers(): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#timers = [];
  }
}

const channelOptions = {
  'grpc.max_receive_message_length': messageBytesMax,
  'grpc.max_send_message_length': messageBytesMax,
  // A session has a connection of its own, so that closing one never touches another.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  // Any name will do, since names are not compared; an address must not stand there (RFC 6066).
  'grpc.ssl_target_name_override': 'server.berth.dev',
} as const;

function sessionCredentials({
  caCertificate,
  privateKey,
  certificate,
}: NodeIdentity): ReturnType<typeof credentials.createSsl> {
  return credentials.createSsl(Buffer.from(caCertificate), Buffer.from(privateKey), Buffer.from(certificate), {
    checkServerIdentity: (_host, peer) => serverFault(peer),
  });
}

const refusals: ReadonlySet<status> = new Set([
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.FAILED_PRECONDITION,
  status.INVALID_ARGUMENT,
]);

function endOf({ code, details }: ServiceError): SessionEnd {
  return { kind: refusals.has(code) ? 'refused' : 'lost', reason: `${status[code]}: ${details}` };
}
