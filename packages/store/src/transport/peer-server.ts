import { consensusV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { Server, type ServerDuplexStream, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { peerServerOptions } from './channel-options.ts';
import { type PeerCredentials, serverName } from './peer-credentials.ts';
import { decodePeerFrame } from './peer-frame-decoding.ts';

type Stream = ServerDuplexStream<consensusV1.PeerFrame, consensusV1.PeerFrame>;

type AdministerCall = ServerUnaryCall<consensusV1.AdministerRequest, consensusV1.AdministerResponse>;
type AdministerAnswer = sendUnaryData<consensusV1.AdministerResponse>;

export interface PeerServerHandlers {
  /** Why the caller may not talk to this member, for its operator. `name` comes from its certificate. */
  refuse(hello: consensusV1.PeerHello, name: string): consensusV1.PeerRefusal | undefined;
  welcome(hello: consensusV1.PeerHello): consensusV1.PeerHello;
  messages(hello: consensusV1.PeerHello, messages: consensusV1.PeerMessages): void;
  /** A stream of this peer ended. */
  gone(hello: consensusV1.PeerHello): void;
  administer(request: consensusV1.AdministerRequest): Promise<consensusV1.AdministerResponse>;
}

const service: typeof consensusV1.ConsensusServiceService = {
  ...consensusV1.ConsensusServiceService,
  converse: { ...consensusV1.ConsensusServiceService.converse, requestDeserialize: decodePeerFrame },
};

/** A caller that does not say who it is in this time is cut off. */
const helloMs = 5_000;

/** Where the other members call. Only servers of the cluster get beyond the certificate check. */
export class PeerServer {
  readonly #world: World;
  readonly #handlers: PeerServerHandlers;
  readonly #server: Server;
  /** And who is on the other side, once it was welcomed. */
  readonly #streams = new Map<Stream, consensusV1.PeerHello | undefined>();

  constructor(world: World, handlers: PeerServerHandlers) {
    this.#world = world;
    this.#handlers = handlers;
    this.#server = new Server(peerServerOptions);
    this.#server.addService(service, {
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
    for (const stream of this.#streams.keys()) stream.end();
    this.#server.forceShutdown();
  }

  /** Ends what these callers have open; when they call again they are asked anew who they are. */
  hangUpOn(unwanted: (hello: consensusV1.PeerHello) => boolean): void {
    for (const [stream, hello] of this.#streams) if (hello !== undefined && unwanted(hello)) stream.end();
  }

  #converse(stream: Stream): void {
    const name = callerName(stream);
    if (name === undefined) {
      stream.destroy(Object.assign(new Error(notAServer), { code: status.PERMISSION_DENIED }));
      return;
    }
    let hello: consensusV1.PeerHello | undefined;
    this.#streams.set(stream, undefined);
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
        if (hello !== undefined) this.#streams.set(stream, hello);
      } else if (frame?.$case === 'messages') {
        this.#handlers.messages(hello, frame.value);
      }
    });
    for (const event of ['end', 'error', 'cancelled']) stream.on(event, over);
  }

  /** Answers the first frame; the stream ends unless it was a hello of a welcome peer. */
  #greet(stream: Stream, frame: consensusV1.PeerFrame['frame'], name: string): consensusV1.PeerHello | undefined {
    const refusal = this.#refusalOf(frame, name);
    if (frame?.$case !== 'hello' || refusal !== undefined) {
      stream.write({ frame: { $case: 'refusal', value: refusal ?? { message: '', removed: false } } });
      stream.end();
      return undefined;
    }
    stream.write({ frame: { $case: 'welcome', value: this.#handlers.welcome(frame.value) } });
    return frame.value;
  }

  /** What a caller says of itself may be anything: nonsense is a reason to refuse like any other. */
  #refusalOf(frame: consensusV1.PeerFrame['frame'], name: string): consensusV1.PeerRefusal | undefined {
    if (frame?.$case !== 'hello') return { message: 'the first frame must be a hello', removed: false };
    try {
      return this.#handlers.refuse(frame.value, name);
    } catch (error) {
      return { message: `the hello cannot be understood: ${String(error)}`, removed: false };
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
