import { consensusV1 } from '@berth/wire';
import { loopLagTag, messagesTag, messageTag } from './peer-frame-tags.ts';

/** Memory that belongs to others as well has at least so much more. */
const foreignBytesMin = 1024;

/**
 * A frame from its wire form. Frames of messages are nearly all that comes, and large: their messages are views of the frame's memory, which is theirs
 * alone, where the general decoder would copy each of them.
 */
export function decodePeerFrame(bytes: Buffer): consensusV1.PeerFrame {
  return decodeMessages(bytes) ?? consensusV1.PeerFrame.decode(bytes);
}

/** Undefined for whatever else `bytes` may be, also for messages in a form that a member of this version does not send. */
function decodeMessages(bytes: Buffer): consensusV1.PeerFrame | undefined {
  const cursor = { bytes: ownMemory(bytes), at: 0 };
  if (varint(cursor) !== messagesTag) return undefined;
  if (varint(cursor) !== bytes.length - cursor.at) return undefined;
  const messages: Buffer[] = [];
  let loopLagMs = 0;
  while (cursor.at < bytes.length) {
    const tag = varint(cursor);
    const value = varint(cursor);
    if (value === undefined) return undefined;
    if (tag === loopLagTag) loopLagMs = value;
    else if (tag === messageTag && value <= bytes.length - cursor.at) {
      messages.push(cursor.bytes.subarray(cursor.at, cursor.at + value));
      cursor.at += value;
    } else return undefined;
  }
  return { frame: { $case: 'messages', value: { messages, loopLagMs } } };
}

/** What lives on must not hold memory of others: a small frame lies in a pool of buffers. */
function ownMemory(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength - bytes.length < foreignBytesMin) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/** Up to 28 bits, which is more than any length here; undefined when it is longer or cut off. */
function varint(cursor: { readonly bytes: Buffer; at: number }): number | undefined {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) return undefined;
    cursor.at += 1;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return undefined;
}
