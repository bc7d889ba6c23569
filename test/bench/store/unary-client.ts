import { connect, type Socket } from 'node:net';
import {
  type Frame,
  FrameReader,
  flags,
  frame,
  framed,
  frameTypes,
  indexedField,
  initialWindowBytes,
  literalField,
  payloadBytesMax,
  preface,
  settings,
  settingsFrame,
  windowBytesMax,
  windowFrame,
} from './http2-frames.ts';

/** Answers of so many bytes are taken before the server is told that it may send more. */
const windowRenewedBytes = 2 ** 28;

/**
 * Asks a gRPC server in unary calls, on one connection, and at as little cost as it can: what generators of load use, the engines beside them lack. Answers
 * are not read. A call has succeeded when it was answered with a message: servers end one that failed without.
 */
export class UnaryClient {
  readonly #socket: Socket;
  readonly #authority: string;
  readonly #heads = new Map<string, Buffer>();
  readonly #calls = new Map<number, Call>();
  readonly #reader = new FrameReader();
  #waiting: Call[] = [];
  #nextStream = 1;
  #windowBytes = initialWindowBytes;
  #streamWindowBytes = initialWindowBytes;
  #takenBytes = 0;
  #lost: Error | undefined;

  constructor(endpoint: string) {
    const at = endpoint.lastIndexOf(':');
    this.#authority = endpoint;
    this.#socket = connect({ host: endpoint.slice(0, at), port: Number(endpoint.slice(at + 1)), noDelay: true });
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#lose(error));
    this.#socket.on('close', () => this.#lose(new Error(`${endpoint} has closed the connection`)));
    const wanted = [
      // Without a table of headers none of them has to be understood.
      [settings.headerTableSize, 0],
      [settings.enablePush, 0],
      [settings.initialWindowSize, windowBytesMax],
    ] as const;
    this.#send(
      Buffer.from(preface, 'latin1'),
      settingsFrame(wanted),
      windowFrame(0, windowBytesMax - initialWindowBytes),
    );
  }

  call(path: string, message: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) throw this.#lost;
      const stream = this.#nextStream;
      this.#nextStream += 2;
      const call = {
        stream,
        resolve,
        reject,
        left: framed(message),
        windowBytes: this.#streamWindowBytes,
        answered: false,
      };
      this.#calls.set(stream, call);
      this.#send(frame(frameTypes.headers, flags.endHeaders, stream, this.#head(path)));
      if (!this.#sendMessage(call)) this.#waiting.push(call);
    });
  }

  #head(path: string): Buffer {
    let head = this.#heads.get(path);
    if (head === undefined) {
      head = Buffer.concat([
        indexedField(staticTable.methodPost),
        indexedField(staticTable.schemeHttp),
        literalField(staticTable.path, path),
        literalField(staticTable.authority, this.#authority),
        literalField('content-type', 'application/grpc'),
        literalField('te', 'trailers'),
      ]);
      this.#heads.set(path, head);
    }
    return head;
  }

  /** False: the server takes the rest later. */
  #sendMessage(call: Call): boolean {
    while (call.left.length > 0) {
      const bytes = Math.min(call.left.length, payloadBytesMax, this.#windowBytes, call.windowBytes);
      if (bytes <= 0) return false;
      const last = bytes === call.left.length ? flags.endStream : 0;
      this.#send(frame(frameTypes.data, last, call.stream, call.left.subarray(0, bytes)));
      call.left = call.left.subarray(bytes);
      call.windowBytes -= bytes;
      this.#windowBytes -= bytes;
    }
    return true;
  }

  /** What one round of the event loop has to send goes in one piece. */
  #send(...frames: readonly Buffer[]): void {
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    for (const each of frames) this.#socket.write(each);
  }

  #take(chunk: Buffer): void {
    for (const each of this.#reader.read(chunk)) this.#hear(each);
    if (this.#takenBytes < windowRenewedBytes) return;
    this.#send(windowFrame(0, this.#takenBytes));
    this.#takenBytes = 0;
  }

  #hear({ type, flags: flag, stream, payload }: Frame): void {
    const call = this.#calls.get(stream);
    switch (type) {
      case frameTypes.data:
        this.#takenBytes += payload.length;
        if (call !== undefined && payload.length > 0) call.answered = true;
        break;
      case frameTypes.windowUpdate:
        if (stream === 0) this.#windowBytes += payload.readUInt32BE();
        else if (call !== undefined) call.windowBytes += payload.readUInt32BE();
        this.#waiting = this.#waiting.filter((each) => !this.#sendMessage(each));
        break;
      case frameTypes.settings:
        if ((flag & flags.acknowledged) === 0) this.#agree(payload);
        return;
      case frameTypes.ping:
        if ((flag & flags.acknowledged) === 0) this.#send(frame(frameTypes.ping, flags.acknowledged, 0, payload));
        return;
      case frameTypes.goAway:
        this.#lose(new Error('the server ends the connection'));
        return;
      default:
    }
    const ended =
      type === frameTypes.data || type === frameTypes.headers
        ? (flag & flags.endStream) !== 0
        : type === frameTypes.resetStream;
    if (ended && call !== undefined) this.#end(call);
  }

  #agree(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== settings.initialWindowSize) continue;
      const bytes = payload.readUInt32BE(at + 2);
      for (const call of this.#calls.values()) call.windowBytes += bytes - this.#streamWindowBytes;
      this.#streamWindowBytes = bytes;
    }
    this.#send(frame(frameTypes.settings, flags.acknowledged, 0));
    this.#waiting = this.#waiting.filter((each) => !this.#sendMessage(each));
  }

  #end(call: Call): void {
    this.#calls.delete(call.stream);
    if (call.left.length > 0) this.#waiting = this.#waiting.filter((each) => each !== call);
    if (call.answered) call.resolve();
    else call.reject(new Error('answered without a message'));
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    for (const call of this.#calls.values()) call.reject(this.#lost);
    this.#calls.clear();
    this.#waiting = [];
  }
}

interface Call {
  readonly stream: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  left: Buffer;
  windowBytes: number;
  answered: boolean;
}

/** RFC 7541, appendix A. */
const staticTable = { authority: 1, methodPost: 3, path: 4, schemeHttp: 6 } as const;
