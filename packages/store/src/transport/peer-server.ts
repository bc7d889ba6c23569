import { consensusV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { Server, type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { peerServerOptions } from './channel-options.ts';
import { type PeerCredentials, serverName } from './peer-credentials.ts';

type Stream = ServerDuplexStream<consensusV1.PeerFrame, consensusV1.PeerFrame>;

type AdministerCall = ServerUnaryCall<consensusV1.AdministerRequest, consensusV1.AdministerResponse>;
type AdministerAnswer = sendUnaryData<consensusV1.AdministerResponse>;

export interface PeerServerHandlers {
  /** A sentence for the operator of the caller when it may not talk to this member. `name` comes from its certificate. */
  refuse(hello: consensusV1.PeerHello, name: string): string | undefined;
  welcome(hello: consensusV1.PeerHello): consensusV1.PeerHello;
  messages(hello: consensusV1.PeerHello, messages: readonly Uint8Array[]): void;
  /** A stream of this peer ended. */
  gone(hello: consensusV1.PeerHello): void;
  administer(request: consensusV1.AdministerRequest): Promise<consensusV1.AdministerResponse>;
}

/** A caller that does not say who it is in this time is cut off. */
const helloMs = 5_000;

/** Where the other members call. Only servers of the cluster get beyond the certificate check. */
export class PeerServer {
  readonly #world: World;
  readonly #handlers: PeerServerHandlers;
  readonly #server: Server;
  readonly #streams = new Set<Stream>();

  constructor(world: World, handlers: PeerServerHandlers) {
    this.#world = world;
    this.#handlers = handlers;
    this.#server = new Server(peerServerOptions);
    this.#server.addService(consensusV1.ConsensusServiceService, {
      converse: (call: Stream) => this.#converse(call),
      administer: (call: AdministerCall, answer: AdministerAnswer) => this.#administer(call, answer),
    } satisfies consensusV1.ConsensusServiceServer);
  }

  /** Resolves with the port, which is of interest when it was asked for port 0. */
  listen(address: string, credentials: PeerCredentials): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials.forServer(), (error, port) => {
        if (error === null) resolve(port);
        else reject(new Error(`cannot listen for consensus peers on ${address}: ${error.message}`, { cause: error }));
      });
    });
  }

  close(): void {
    for (const stream of this.#streams) stream.end();
    this.#server.forceShutdown();
  }

  #converse(stream: Stream): void {
    const name = callerName(stream);
    if (name === undefined) {
      stream.destroy(Object.assign(new Error(notAServer), { code: status.PERMISSION_DENIED }));
      return;
    }
    let hello: consensusV1.PeerHello | undefined;
    this.#streams.add(stream);
    const patience = this.#world.timers.after(helloMs, () => stream.end());
    const over = (): void => {
      patience[Symbol.dispose]();
      if (!this.#streams.delete(stream)) return;
      stream.end();
      if (hello !== undefined) this.#handlers.gone(hello);
    };
    stream.on('data', ({ frame }: consensusV1.PeerFrame) => {
      if (hello === undefined) {
        patience[Symbol.dispose]();
        hello = this.#greet(stream, frame, name);
      } else if (frame?.$case === 'messages') {
        this.#handlers.messages(hello, frame.value.messages);
      }
    });
    for (const event of ['end', 'error', 'cancelled']) stream.on(event, over);
  }

  /** Answers the first frame; the stream ends unless it was a hello of a welcome peer. */
  #greet(stream: Stream, frame: consensusV1.PeerFrame['frame'], name: string): consensusV1.PeerHello | undefined {
    const message = this.#faultOf(frame, name);
    if (frame?.$case !== 'hello' || message !== undefined) {
      stream.write({ frame: { $case: 'refusal', value: { message: message ?? '' } } });
      stream.end();
      return undefined;
    }
    stream.write({ frame: { $case: 'welcome', value: this.#handlers.welcome(frame.value) } });
    return frame.value;
  }

  /** What a caller says of itself may be anything: nonsense is a reason to refuse like any other. */
  #faultOf(frame: consensusV1.PeerFrame['frame'], name: string): string | undefined {
    if (frame?.$case !== 'hello') return 'the first frame must be a hello';
    try {
      return this.#handlers.refuse(frame.value, name);
    } catch (error) {
      return `the hello cannot be understood: ${String(error)}`;
    }
  }

  #administer(call: AdministerCall, answer: AdministerAnswer): void {
    if (callerName(call) === undefined) {
      answer({ code: status.PERMISSION_DENIED, details: notAServer });
      return;
    }
    this.#handlers.administer(call.request).then(
      (response) => answer(null, response),
      (error) => answer({ code: status.UNAVAILABLE, details: String(error) }),
    );
  }
}

const notAServer = 'only servers of this cluster may speak here: the certificate is none of a server';

function callerName(call: Pick<Stream, 'getAuthContext'>): string | undefined {
  const certificate = call.getAuthContext().sslPeerCertificate;
  return certificate === undefined ? undefined : serverName(certificate);
}
