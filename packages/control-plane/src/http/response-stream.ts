import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/** The two kinds of response that fastify hands out, as far as streaming needs them. */
export type RawResponse = ServerResponse | Http2ServerResponse;

/** Given to a client that stopped reading before its connection is cut. */
export const lingerMs = 5_000;

/** A response that stays open and is written piece by piece, bounded: nobody's slowness costs more than its limit. */
export class ResponseStream {
  readonly #raw: RawResponse;
  readonly #bytesMax: number;
  #ended = false;

  constructor(raw: RawResponse, bytesMax: number) {
    this.#raw = raw;
    this.#bytesMax = bytesMax;
  }

  /** Whether the client has left, perhaps before anybody listened for it. */
  get isGone(): boolean {
    return 'stream' in this.#raw ? this.#raw.stream.destroyed : this.#raw.destroyed;
  }

  /** Sends the headers at once: a client may wait for them long before the first byte of the body. */
  open(headers: Readonly<Record<string, string>>): void {
    (this.#raw as ServerResponse).writeHead(200, { ...headers });
    (this.#raw as ServerResponse).flushHeaders();
  }

  /** False when more than the limit is waiting to be sent; nothing is added then. */
  offer(bytes: Uint8Array): boolean {
    if (this.#ended) return false;
    if (this.#waitingBytes() > this.#bytesMax) return false;
    this.#write(bytes);
    return true;
  }

  /** Waits until the client has taken enough; false when it is gone. */
  async send(bytes: Uint8Array): Promise<boolean> {
    if (this.#ended) return false;
    if (this.#write(bytes)) return true;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#raw.off('drain', done);
        this.#raw.off('close', done);
        resolve();
      };
      this.#raw.on('drain', done);
      this.#raw.on('close', done);
    });
    return !this.#ended;
  }

  /** Ends orderly; what is waiting is still sent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#raw.end();
  }

  /** Cuts the connection, so that the client cannot take what it has for the whole. */
  abort(): void {
    this.#ended = true;
    if ('stream' in this.#raw) this.#raw.stream.destroy();
    else this.#raw.destroy();
  }

  #write(bytes: Uint8Array): boolean {
    return (this.#raw as ServerResponse).write(bytes);
  }

  #waitingBytes(): number {
    return 'stream' in this.#raw ? this.#raw.stream.writableLength : this.#raw.writableLength;
  }
}
