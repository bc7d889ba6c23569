/** A DNS message as it travels over TCP: two bytes of length before it (RFC 1035, 4.2.2). */
export function framed(message: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(message.length + 2);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

export async function* readFramed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const bytes of source) {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 2) {
      const end = 2 + pending.readUInt16BE(0);
      if (pending.length < end) break;
      yield pending.subarray(2, end);
      pending = pending.subarray(end);
    }
  }
}
