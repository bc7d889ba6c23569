/** Of HTTP/2 (RFC 9113, sections 4 and 6) what loads of unary gRPC calls need, and nothing that would cost time beside it. */
export const frameTypes = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;
export const flags = { acknowledged: 1, endStream: 1, endHeaders: 4 } as const;
export const settings = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;
export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** Of a payload, where nothing else was agreed upon. */
export const payloadBytesMax = 16_384;
/** Of what may be sent before the other side asks for more, likewise. */
export const initialWindowBytes = 65_535;
export const windowBytesMax = 2_147_483_647;

const headBytes = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** A view of what was received. */
  readonly payload: Buffer;
}

/** Several parts are one payload. */
export function frame(type: number, flag: number, stream: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = Buffer.allocUnsafe(headBytes + length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flag;
  bytes.writeUInt32BE(stream, 5);
  let at = headBytes;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function settingsFrame(values: readonly (readonly [setting: number, value: number])[]): Buffer {
  const parts = values.map(([setting, value]) => {
    const bytes = Buffer.alloc(6);
    bytes.writeUInt16BE(setting);
    bytes.writeUInt32BE(value, 2);
    return bytes;
  });
  return frame(frameTypes.settings, 0, 0, ...parts);
}

/** The other side may send so many bytes more; stream 0: in all streams together. */
export function windowFrame(stream: number, bytes: number): Buffer {
  const more = Buffer.alloc(4);
  more.writeUInt32BE(bytes);
  return frame(frameTypes.windowUpdate, 0, stream, more);
}

/** Gives one frame after the other of what is received in pieces. */
export class FrameReader {
  #received: Buffer = Buffer.alloc(0);

  *read(chunk: Buffer): Generator<Frame> {
    const bytes = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let at = 0;
    while (at + headBytes <= bytes.length) {
      const end = at + headBytes + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const payload = bytes.subarray(at + headBytes, end);
      const [type = 0, flag = 0] = [bytes[at + 3], bytes[at + 4]];
      yield { type, flags: flag, stream: bytes.readUInt32BE(at + 5), payload };
      at = end;
    }
    this.#received = bytes.subarray(at);
  }
}

/** Of header blocks without a table (RFC 7541, section 6): a field of the static table. */
export function indexedField(index: number): Buffer {
  return Buffer.of(0x80 | index);
}

/** A field that no table keeps; its name may be one of the first 14 of the static table. Of less than 127 bytes each. */
export function literalField(name: string | number, value: string): Buffer {
  const known = typeof name === 'number';
  return Buffer.concat([Buffer.of(known ? name : 0), known ? Buffer.alloc(0) : text(name), text(value)]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')]);
}

/** Before each message of gRPC: whether it is compressed, and its length. */
export const prefixBytes = 5;

/** A message as gRPC sends it, not compressed. */
export function framed(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, prefixBytes);
  return bytes;
}
