import { consensusV1 } from '@berth/wire';

/** Field 4 of `PeerFrame` and field 1 of `PeerMessages`, both of wire type 2. */
const messagesTag = 0x22;
const messageTag = 0x0a;

/**
 * The wire form of a frame. Frames of messages are nearly all that is sent, and large: they are written at once into memory of their size, where the
 * general encoder would grow its memory step by step and copy the result twice.
 */
export function encodePeerFrame(frame: consensusV1.PeerFrame): Buffer {
  if (frame.frame?.$case !== 'messages') return Buffer.from(consensusV1.PeerFrame.encode(frame).finish());
  const { messages, ...rest } = frame.frame.value;
  const restBytes = consensusV1.PeerMessages.encode({ ...rest, messages: [] }).finish();
  let bodyBytes = restBytes.length;
  for (const { length } of messages) bodyBytes += 1 + varintBytes(length) + length;
  const bytes = Buffer.allocUnsafeSlow(1 + varintBytes(bodyBytes) + bodyBytes);
  bytes[0] = messagesTag;
  let at = writeVarint(bytes, 1, bodyBytes);
  for (const message of messages) {
    bytes[at] = messageTag;
    at = writeVarint(bytes, at + 1, message.length);
    bytes.set(message, at);
    at += message.length;
  }
  bytes.set(restBytes, at);
  return bytes;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}

/** Where it ends. */
function writeVarint(bytes: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at] = rest;
  return at + 1;
}
