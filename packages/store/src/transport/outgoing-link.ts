import { consensusV1 } from '@berth/wire';
import type { World } from '@berth/world';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { peerChannelOptions } from './channel-options.ts';
import type { PeerCredentials } from './peer-credentials.ts';
import { bytesOf, encodePeerFrame, type MessagePieces, type OutgoingFrame } from './peer-frame-encoding.ts';

type Stream = ClientDuplexStream<OutgoingFrame, consensusV1.PeerFrame>;

export interface OutgoingLinkOptions {
  readonly world: World;
  readonly credentials: PeerCredentials;
  /** `host:port`. */
  readonly address: string;
  /** Whose certificate is expected there, when known. */
  readonly serverName: string | undefined;
  /** Bytes handed to the connection and not yet taken by the kernel; beyond it messages are dropped. */
  readonly queuedBytesMax: number;
  readonly reconnectMsMax: number;
  /** Messages wait until everything that has arrived at this thread was looked at, and go as one. */
  readonly gathers: boolean;
  hello(): consensusV1.PeerHello;
  /** How late the own thread is, said along with the messages. */
  loopLagMs(): number;
  /** The callee showed who it is: a sentence when it is the wrong one. */
  checkWelcome(welcome: consensusV1.PeerHello): string | undefined;
  up(): void;
  /** The connection is lost or could not be made; reported when the reason is a new one. */
  down(reason: string): void;
  /** The callee says that this member was removed from the cluster. The link does not try again. */
  expelled(reason: string): void;
}

const reconnectMsMin = 50;
/** A connection that gets no welcome in this time is given up. */
const welcomeMs = 2_000;

/** One channel to one peer: connects again and again, and drops what cannot be sent at once. */
export class OutgoingLink {
  readonly #options: OutgoingLinkOptions;
  #client: consensusV1.ConsensusServiceClient | undefined;
  #clientGeneration = 0;
  #stream: Stream | undefined;
  #open = false;
  #queuedBytes = 0;
  #outbox: MessagePieces[] = [];
  #reconnectMs = reconnectMsMin;
  #retry: Disposable | undefined;
  #patience: Disposable | undefined;
  #closed = false;
  #reportedDown: string | undefined;
  dropped = 0;

  constructor(options: OutgoingLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Sends soon, together with what else is handed over in this turn, or, when the link gathers, in this round of the event loop; or drops. */
  send(message: MessagePieces): void {
    const bytes = bytesOf(message);
    if (!this.#open || this.#queuedBytes + bytes > this.#options.queuedBytesMax) {
      this.dropped += 1;
      return;
    }
    this.#queuedBytes += bytes;
    this.#outbox.push(message);
    if (this.#outbox.length > 1) return;
    if (this.#options.gathers) setImmediate(() => this.#flush());
    else queueMicrotask(() => this.#flush());
  }

  /** The callee shows signs of life: what is put off until later is tried now. Does nothing while the link is open, or about to be. */
  hurry(): void {
    this.#reconnectMs = reconnectMsMin;
    if (this.#closed || this.#stream !== undefined) return;
    this.#retry?.[Symbol.dispose]();
    // The present client may be waiting for a time of its own before it tries again.
    this.#client?.close();
    this.#client = undefined;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    this.#drop();
    this.#client?.close();
  }

  #flush(): void {
    const messages = this.#outbox;
    this.#outbox = [];
    if (!this.#open || messages.length === 0) return;
    let bytes = 0;
    for (const message of messages) bytes += bytesOf(message);
    const stream = this.#stream;
    stream?.write({ $case: 'messages', messages, loopLagMs: this.#options.loopLagMs() }, () => {
      if (this.#stream === stream) this.#queuedBytes -= bytes;
    });
  }

  #connect(): void {
    if (this.#closed) return;
    const { address, world } = this.#options;
    const { path, responseDeserialize } = consensusV1.ConsensusServiceService.converse;
    const stream = this.#presentClient().makeBidiStreamRequest(path, encodePeerFrame, responseDeserialize);
    this.#stream = stream;
    stream.on('data', (frame) => this.#answered(stream, frame));
    stream.on('error', (error) => this.#lost(stream, error.message));
    stream.on('end', () => this.#lost(stream, 'the peer ended the connection'));
    stream.write({ $case: 'hello', value: this.#options.hello() });
    this.#patience = world.timers.after(welcomeMs, () =>
      this.#lost(stream, `no answer from ${address} in ${welcomeMs} ms`),
    );
  }

  /**
   * One client for the life of the link, since a closed one goes on trying to connect for a while; a new one only when the certificate was
   * replaced.
   */
  #presentClient(): consensusV1.ConsensusServiceClient {
    const { address, credentials, serverName, reconnectMsMax } = this.#options;
    if (this.#client !== undefined && this.#clientGeneration === credentials.generation) return this.#client;
    this.#client?.close();
    this.#clientGeneration = credentials.generation;
    const options = {
      ...peerChannelOptions(serverName),
      'grpc.initial_reconnect_backoff_ms': reconnectMsMin,
      'grpc.max_reconnect_backoff_ms': reconnectMsMax,
    };
    this.#client = new consensusV1.ConsensusServiceClient(address, credentials.forChannel(serverName), options);
    return this.#client;
  }

  #answered(stream: Stream, { frame }: consensusV1.PeerFrame): void {
    if (this.#stream !== stream || this.#open) return;
    const fault = this.#faultOf(frame);
    if (frame?.$case === 'refusal' && frame.value.removed) {
      this.#closed = true;
      this.#options.expelled(frame.value.message);
    }
    if (fault !== undefined) {
      this.#lost(stream, fault);
      return;
    }
    this.#patience?.[Symbol.dispose]();
    this.#open = true;
    this.#queuedBytes = 0;
    this.#reconnectMs = reconnectMsMin;
    this.#reportedDown = undefined;
    this.#options.up();
  }

  #faultOf(frame: consensusV1.PeerFrame['frame']): string | undefined {
    if (frame?.$case === 'refusal') return frame.value.message;
    if (frame?.$case !== 'welcome') return 'the peer did not answer the handshake';
    return this.#options.checkWelcome(frame.value);
  }

  #lost(stream: Stream, reason: string): void {
    if (this.#stream !== stream) return;
    this.#drop();
    if (this.#reportedDown !== reason) this.#options.down(reason);
    this.#reportedDown = reason;
    if (this.#closed) return;
    this.#retry = this.#options.world.timers.after(this.#reconnectMs, () => this.#connect());
    this.#reconnectMs = Math.min(this.#reconnectMs * 2, this.#options.reconnectMsMax);
  }

  #drop(): void {
    this.#patience?.[Symbol.dispose]();
    const stream = this.#stream;
    this.#stream = undefined;
    this.#open = false;
    this.#outbox = [];
    // A cancelled stream reports its end as an error, which nobody wants to hear any more.
    stream?.removeAllListeners('error').on('error', () => undefined);
    stream?.cancel();
  }
}
