import { ByteCursor, LevelFault, littleEndian } from './byte-cursor.ts';

/** Expands a Snappy block: a length, then literals and copies of what came before. */
export function unsnappy(bytes: Uint8Array): Uint8Array {
  const cursor = new ByteCursor(bytes);
  const length = cursor.varint();
  if (length > bytes.length * 64) throw new LevelFault('a compressed block claims too much');
  const out = new Uint8Array(length);
  let at = 0;
  while (cursor.left > 0) {
    const tag = cursor.byte();
    if ((tag & 3) === 0) {
      const literal = cursor.take(literalBytes(tag >>> 2, cursor));
      if (at + literal.length > length) throw new LevelFault('a compressed block is damaged');
      out.set(literal, at);
      at += literal.length;
    } else {
      at = copy(out, at, tag, cursor);
    }
  }
  if (at !== length) throw new LevelFault('a compressed block is damaged');
  return out;
}

function literalBytes(code: number, cursor: ByteCursor): number {
  return code < 60 ? code + 1 : littleEndian(cursor.take(code - 59)) + 1;
}

/** Byte by byte: a copy may overlap with what it writes. */
function copy(out: Uint8Array, start: number, tag: number, cursor: ByteCursor): number {
  const near = (tag & 3) === 1;
  const length = near ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
  const low = littleEndian(cursor.take(near ? 1 : (tag & 3) === 2 ? 2 : 4));
  const distance = near ? (tag >>> 5) * 256 + low : low;
  if (distance === 0 || distance > start || start + length > out.length)
    throw new LevelFault('a compressed block is damaged');
  for (let at = start; at < start + length; at++) out[at] = out[at - distance] as number;
  return start + length;
}
