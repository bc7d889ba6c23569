import { agentV1 } from '@berth/wire';
import { realWorld } from '@berth/world';
import { type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { serverIdentityFault } from '../../src/security/grpc-credentials.ts';

export type FromServer = NonNullable<agentV1.ServerMessage['message']>;
type Of<Case extends FromServer['$case']> = Extract<FromServer, { $case: Case }>['value'];
type ToServer = NonNullable<agentV1.AgentMessage['message']>;

export interface AgentIdentity {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** An agent that does what its test says, over real gRPC and mutual TLS. */
export class ScriptedAgent implements Disposable {
  /** Everything received so far, in order. */
  readonly received: FromServer[] = [];
  readonly client: agentV1.AgentGatewayClient;
  readonly nodeName: string;
  readonly identity: AgentIdentity;
  readonly #waiters = new Set<() => void>();
  readonly #session: ClientDuplexStream<agentV1.AgentMessage, agentV1.ServerMessage>;
  #read = 0;
  #sequence = 1_000;
  #error: ServiceError | undefined;
  #isOver = false;
  #beating: Disposable | undefined;

  constructor(address: string, nodeName: string, identity: AgentIdentity) {
    this.nodeName = nodeName;
    this.identity = identity;
    this.client = new agentV1.AgentGatewayClient(
      address,
      credentials.createSsl(
        Buffer.from(identity.caCertificate),
        Buffer.from(identity.privateKey),
        Buffer.from(identity.certificate),
        { checkServerIdentity: (_host, certificate) => serverIdentityFault(certificate) },
      ),
      { 'grpc.ssl_target_name_override': 'kubernetes.default.svc' },
    );
    this.#session = this.client.session();
    this.#session.on('data', ({ message }: agentV1.ServerMessage) => {
      if (message !== undefined) this.received.push(message);
      this.#wake();
    });
    this.#session.on('error', (error: ServiceError) => {
      this.#error = error;
      this.#wake();
    });
    this.#session.on('status', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  hello(overrides: Partial<agentV1.Hello> = {}, node: object = {}): void {
    this.send({
      $case: 'hello',
      value: {
        nodeName: this.nodeName,
        processId: 'p1',
        protocolVersion: 1,
        agentVersion: '0.1.0',
        node: Buffer.from(JSON.stringify({ metadata: {}, spec: {}, status: {}, ...node })),
        ...overrides,
      },
    });
  }

  send(message: ToServer): void {
    this.#session.write({ message });
  }

  podStatus(pod: { readonly namespace: string; readonly name: string; readonly uid: string }, status: object): void {
    this.send({ $case: 'podStatus', value: { ...pod, status: Buffer.from(JSON.stringify(status)), gone: false } });
  }

  /** Resolves when the server has taken in everything that was sent before. */
  async roundTrip(): Promise<void> {
    const sequence = ++this.#sequence;
    this.send({ $case: 'heartbeat', value: { sequence } });
    while (!this.received.some(({ $case, value }) => $case === 'heartbeatAck' && value.sequence === sequence))
      await this.#change();
  }

  /** Sends heartbeats from now on, as a real agent does. */
  keepAlive(): void {
    this.#beating = realWorld.timers.every(250, () => {
      if (!this.#isOver) this.send({ $case: 'heartbeat', value: { sequence: ++this.#sequence } });
    });
  }

  /** Opens the tunnel it is asked for next, sends `text` and ends it. */
  async answerLogs(text: string): Promise<void> {
    const { tunnelId } = await this.next('openTunnel');
    const tunnel = this.client.tunnel();
    tunnel.on('error', () => undefined);
    tunnel.on('data', () => undefined);
    tunnel.write({ tunnelId, frame: { $case: 'data', value: { channel: 1, bytes: Buffer.from(text) } } });
    tunnel.write({ tunnelId: '', frame: { $case: 'end', value: { status: Buffer.alloc(0) } } });
    tunnel.end();
  }

  /** Stops reading, so that the server notices a slow agent. */
  pause(): void {
    this.#session.pause();
  }

  resume(): void {
    this.#session.resume();
  }

  /** The next message of a kind that was not asked for before; others are skipped. */
  async next<Case extends FromServer['$case']>(
    kind: Case,
    matches: (value: Of<Case>) => boolean = () => true,
  ): Promise<Of<Case>> {
    for (;;) {
      while (this.#read < this.received.length) {
        const message = this.received[this.#read++];
        if (message?.$case === kind && matches(message.value as Of<Case>)) return message.value as Of<Case>;
      }
      if (this.#isOver) throw new Error(`the session ended before ${kind}: ${this.#error?.message}`);
      await this.#change();
    }
  }

  /** How the session ended. */
  async end(): Promise<ServiceError | undefined> {
    while (!this.#isOver) await this.#change();
    return this.#error;
  }

  leave(): void {
    this.#session.end();
  }

  [Symbol.dispose](): void {
    this.#beating?.[Symbol.dispose]();
    this.#session.cancel();
    this.client.close();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
  }
}

export function objectOf<T = Record<string, unknown>>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes).toString()) as T;
}
