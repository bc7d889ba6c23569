import type { Append, Forward, ForwardRefused, Message, MessageKind } from '../contract/message.ts';
import { writeBase } from './base-codec.ts';
import { messageCodes, messageLayoutVersion, refusalCodes, statusCodes } from './message-codes.ts';
import { WireWriter } from './wire-writer.ts';

/**
 * The wire form of a message. Deterministic. Every message begins with: layout version (1 byte), kind (1), then from, to, incarnation and
 * term in 8 bytes each; what follows depends on the kind. Numbers are big-endian.
 */
export function encodeMessage(message: Message): Uint8Array {
  const writer = beginning(message, capacity(message));
  const write = writers[message.kind] as (writer: WireWriter, message: Message) => void;
  write(writer, message);
  return writer.finish();
}

/**
 * The same bytes in pieces, for who copies them one behind the other in any case: entries, which are most of what is sent, are the frames
 * as the log has them, and not copied here.
 */
export function encodeInPieces(message: Message): readonly Uint8Array[] {
  if (message.kind !== 'append') return [encodeMessage(message)];
  const writer = beginning(message, headBytes);
  writeAppendHead(writer, message);
  return [writer.finish(), ...message.entries.map(({ frame }) => frame)];
}

/** More than any message but its entries, proposals, data and configurations. */
const headBytes = 128;

function beginning(message: Message, capacityBytes: number): WireWriter {
  const writer = new WireWriter(capacityBytes);
  writer.byte(messageLayoutVersion);
  writer.byte(messageCodes[message.kind]);
  writer.whole(message.from);
  writer.whole(message.to);
  writer.whole(message.incarnation);
  writer.whole(message.term);
  return writer;
}

type Writers = { readonly [K in MessageKind]: (writer: WireWriter, message: Extract<Message, { kind: K }>) => void };

const writers: Writers = {
  'pre-vote-request': (writer, message) => {
    writer.whole(message.lastIndex);
    writer.whole(message.lastTerm);
  },
  'pre-vote-answer': (writer, message) => {
    writer.whole(message.candidacy);
    writer.flag(message.granted);
  },
  'vote-request': (writer, message) => {
    writer.whole(message.lastIndex);
    writer.whole(message.lastTerm);
    writer.flag(message.transfer);
  },
  'vote-answer': (writer, message) => writer.flag(message.granted),
  append: writeAppend,
  'append-accepted': (writer, message) => {
    writer.flag(message.quarantined);
    writer.whole(message.matchIndex);
    writer.whole(message.lastIndex);
  },
  'append-rejected': (writer, message) => {
    writer.flag(message.quarantined);
    writer.whole(message.rejectedIndex);
    writer.whole(message.hintIndex);
    writer.whole(message.hintTerm);
    writer.whole(message.lastIndex);
  },
  'commit-notice': (writer, message) => writer.whole(message.commit),
  heartbeat: (writer, message) => {
    writer.whole(message.commit);
    writer.whole(message.round);
    writer.flag(message.lostPromise);
  },
  'heartbeat-answer': (writer, message) => {
    writer.flag(message.quarantined);
    writer.whole(message.round);
    writer.uint32(message.supportedFeatureLevel);
    writer.flag(message.diskLow);
  },
  'snapshot-offer': (writer, message) => {
    writer.whole(message.snapshot.snapshotId);
    writeBase(writer, message.snapshot.base);
  },
  'snapshot-chunk': (writer, message) => {
    writer.whole(message.snapshotId);
    writer.whole(message.offset);
    writer.uint32(message.checksum);
    writer.flag(message.last);
    writer.blob(message.data);
  },
  'snapshot-progress': (writer, message) => {
    writer.flag(message.quarantined);
    writer.whole(message.snapshotId);
    writer.byte(statusCodes[message.status]);
    writer.whole(message.nextOffset);
    writer.whole(message.matchIndex);
  },
  'read-request': (writer, message) => writer.whole(message.token),
  'read-answer': (writer, message) => {
    writer.whole(message.token);
    writer.whole(message.requester);
    writer.flag(message.index !== undefined);
    writer.whole(message.index ?? 0);
  },
  forward: writeForward,
  'forward-refused': writeForwardRefused,
  'campaign-now': () => undefined,
  'newer-term': () => undefined,
  removed: (writer, message) => writer.whole(message.configurationIndex),
};

function writeAppend(writer: WireWriter, message: Append): void {
  writeAppendHead(writer, message);
  for (const entry of message.entries) writer.raw(entry.frame);
}

function writeAppendHead(writer: WireWriter, message: Append): void {
  writer.whole(message.previousIndex);
  writer.whole(message.previousTerm);
  writer.whole(message.commit);
  writer.uint32(message.entries.length);
}

function writeForward(writer: WireWriter, message: Forward): void {
  writer.uint32(message.proposals.length);
  for (const proposal of message.proposals) {
    writer.whole(proposal.session);
    writer.whole(proposal.sequence);
    writer.whole(proposal.ackedBelow);
    writer.blob(proposal.payload);
  }
}

function writeForwardRefused(writer: WireWriter, message: ForwardRefused): void {
  writer.byte(refusalCodes[message.reason]);
  writer.uint32(message.ids.length);
  for (const id of message.ids) {
    writer.whole(id.session);
    writer.whole(id.sequence);
  }
}

function capacity(message: Message): number {
  let bytes = headBytes;
  if (message.kind === 'append') for (const entry of message.entries) bytes += entry.frame.length;
  else if (message.kind === 'forward') for (const proposal of message.proposals) bytes += proposal.payload.length + 28;
  else if (message.kind === 'snapshot-chunk') bytes += message.data.length;
  return bytes;
}
