import { consensusV1 } from '@berth/wire';
import { messagesTag, messageTag } from './peer-frame-tags.ts';

/** Of one message; see `encodeInPieces`. */
export type MessagePieces = readonly Uint8Array[];

/** What a caller sends. */
export type OutgoingFrame =
  | { readonly $case: 'hello'; readonly value: consensusV1.PeerHello }
  | { readonly $case: 'messages'; readonly messages: readonly MessagePieces[]; readonly loopLagMs: number };

/**
 * The wire form of a frame. Frames of messages are nearly all that is sent, and large: they are written at once into memory of their size, where the
 * general encoder would grow its memory step by step and copy the result twice.
 */
export function encodePeerFrame(frame: OutgoingFrame): Buffer {
  if (frame.$case === 'hello') return Buffer.from(consensusV1.PeerFrame.encode({ frame }).finish());
  const { messages, loopLagMs } = frame;
  const restBytes = consensusV1.PeerMessages.encode({ loopLagMs, messages: [] }).finish();
  const lengths = messages.map(bytesOf);
  let bodyBytes = restBytes.length;
  for (const length of lengths) bodyBytes += 1 + varintBytes(length) + length;
  const bytes = Buffer.allocUnsafeSlow(1 + varintBytes(bodyBytes) + bodyBytes);
  bytes[0] = messagesTag;
  let at = writeVarint(bytes, 1, bodyBytes);
  for (const [which, message] of messages.entries()) {
    bytes[at] = messageTag;
    at = writeVarint(bytes, at + 1, lengths[which] as number);
    for (const piece of message) {
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  bytes.set(restBytes, at);
  return bytes;
}

export function bytesOf(message: MessagePieces): number {
  let bytes = 0;
  for (const { length } of message) bytes += length;
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
