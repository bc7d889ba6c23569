/** The few parts of ASN.1's distinguished encoding (X.690) that a certificate request needs. */
export const der = {
  sequence: (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x30, parts),
  set: (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x31, parts),
  /** Constructed, context-specific. */
  context: (number: number, ...parts: readonly Uint8Array[]): Uint8Array => tagged(0xa0 + number, parts),
  zero: (): Uint8Array => Uint8Array.of(0x02, 0x01, 0x00),
  text: (text: string): Uint8Array => tagged(0x0c, [Buffer.from(text, 'utf8')]),
  bits: (bytes: Uint8Array): Uint8Array => tagged(0x03, [Uint8Array.of(0), bytes]),
  objectId: (dotted: string): Uint8Array => tagged(0x06, [objectIdBytes(dotted)]),
} as const;

function tagged(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), lengthBytes(content.length), content]);
}

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  return length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff);
}

function objectIdBytes(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}
