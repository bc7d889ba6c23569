import type { Message, MessageKind } from '../contract/message.ts';
import type { Entry, Proposal, ProposalId } from '../vocabulary/entry.ts';
import { type Checksum, entryFrameOverheadBytes, parseEntryFrame } from '../vocabulary/entry-frame.ts';
import { type LogIndex, logIndex } from '../vocabulary/log-index.ts';
import { type MemberId, memberId } from '../vocabulary/member-id.ts';
import { type Term, term } from '../vocabulary/term.ts';
import { readBase } from './base-codec.ts';
import { keyOf, messageCodes, messageLayoutVersion, refusalCodes, statusCodes } from './message-codes.ts';
import { WireFault, WireReader } from './wire-reader.ts';

/** Never throws, whatever the bytes. */
export type DecodedMessage =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly fault: string };

/**
 * Reads what `encodeMessage` wrote and verifies lengths, ranges, the order of entries and their checksums. Entries and chunks of the result are
 * views of `bytes`: hand over a buffer that nobody writes to any more and that is not a slice of a large pool.
 */
export function decodeMessage(bytes: Uint8Array, checksum: Checksum): DecodedMessage {
  try {
    const reader = new WireReader(bytes);
    const version = reader.byte();
    if (version !== messageLayoutVersion) throw new WireFault(`unknown message layout ${version}`);
    const code = reader.byte();
    const kind = keyOf(messageCodes, code);
    if (kind === undefined) throw new WireFault(`unknown message kind ${code}`);
    const envelope = {
      from: readMember(reader),
      to: readMember(reader),
      incarnation: reader.whole(),
      term: term(reader.whole()),
    };
    const message = readers[kind](reader, envelope, { bytes, checksum });
    reader.end();
    return { ok: true, message };
  } catch (error) {
    if (error instanceof WireFault) return { ok: false, fault: error.message };
    throw error;
  }
}

interface Source {
  readonly bytes: Uint8Array;
  readonly checksum: Checksum;
}

interface Envelope {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly incarnation: number;
  readonly term: Term;
}

type Readers = {
  readonly [K in MessageKind]: (
    reader: WireReader,
    envelope: Envelope,
    source: Source,
  ) => Extract<Message, { kind: K }>;
};

const readers: Readers = {
  'pre-vote-request': (reader, envelope) => ({
    kind: 'pre-vote-request',
    ...envelope,
    lastIndex: readIndex(reader),
    lastTerm: readTerm(reader),
  }),
  'pre-vote-answer': (reader, envelope) => ({
    kind: 'pre-vote-answer',
    ...envelope,
    candidacy: readTerm(reader),
    granted: reader.flag(),
  }),
  'vote-request': (reader, envelope) => ({
    kind: 'vote-request',
    ...envelope,
    lastIndex: readIndex(reader),
    lastTerm: readTerm(reader),
    transfer: reader.flag(),
  }),
  'vote-answer': (reader, envelope) => ({ kind: 'vote-answer', ...envelope, granted: reader.flag() }),
  append: (reader, envelope, source) => {
    const previousIndex = readIndex(reader);
    const previousTerm = readTerm(reader);
    const commit = readIndex(reader);
    const entries = readEntries(reader, source, previousIndex, previousTerm, envelope.term);
    return { kind: 'append', ...envelope, previousIndex, previousTerm, commit, entries };
  },
  'append-accepted': (reader, envelope) => ({
    kind: 'append-accepted',
    ...envelope,
    quarantined: reader.flag(),
    matchIndex: readIndex(reader),
    lastIndex: readIndex(reader),
  }),
  'append-rejected': (reader, envelope) => ({
    kind: 'append-rejected',
    ...envelope,
    quarantined: reader.flag(),
    rejectedIndex: readIndex(reader),
    hintIndex: readIndex(reader),
    hintTerm: readTerm(reader),
    lastIndex: readIndex(reader),
  }),
  'commit-notice': (reader, envelope) => ({ kind: 'commit-notice', ...envelope, commit: readIndex(reader) }),
  heartbeat: (reader, envelope) => ({
    kind: 'heartbeat',
    ...envelope,
    commit: readIndex(reader),
    round: reader.whole(),
    lostPromise: reader.flag(),
  }),
  'heartbeat-answer': (reader, envelope) => ({
    kind: 'heartbeat-answer',
    ...envelope,
    quarantined: reader.flag(),
    round: reader.whole(),
    supportedFeatureLevel: reader.uint32(),
    diskLow: reader.flag(),
  }),
  'snapshot-offer': (reader, envelope) => ({
    kind: 'snapshot-offer',
    ...envelope,
    snapshot: { snapshotId: reader.whole(), base: readBase(reader) },
  }),
  'snapshot-chunk': (reader, envelope) => ({
    kind: 'snapshot-chunk',
    ...envelope,
    snapshotId: reader.whole(),
    offset: reader.whole(),
    checksum: reader.uint32(),
    last: reader.flag(),
    data: reader.blob(),
  }),
  'snapshot-progress': (reader, envelope) => ({
    kind: 'snapshot-progress',
    ...envelope,
    quarantined: reader.flag(),
    snapshotId: reader.whole(),
    status: readCode(reader, statusCodes, 'snapshot status'),
    nextOffset: reader.whole(),
    matchIndex: readIndex(reader),
  }),
  'read-request': (reader, envelope) => ({ kind: 'read-request', ...envelope, token: reader.whole() }),
  'read-answer': (reader, envelope) => {
    const token = reader.whole();
    const requester = reader.whole();
    const confirmed = reader.flag();
    const index = readIndex(reader);
    return { kind: 'read-answer', ...envelope, token, requester, index: confirmed ? index : undefined };
  },
  forward: (reader, envelope) => ({ kind: 'forward', ...envelope, proposals: readProposals(reader) }),
  'forward-refused': (reader, envelope) => ({
    kind: 'forward-refused',
    ...envelope,
    reason: readCode(reader, refusalCodes, 'refusal'),
    ids: readProposalIds(reader),
  }),
  'campaign-now': (_reader, envelope) => ({ kind: 'campaign-now', ...envelope }),
  'newer-term': (_reader, envelope) => ({ kind: 'newer-term', ...envelope }),
  removed: (reader, envelope) => ({ kind: 'removed', ...envelope, configurationIndex: readIndex(reader) }),
};

/** Frames that follow each other in index, with terms that never fall and never exceed the leader's. */
function readEntries(
  reader: WireReader,
  source: Source,
  previousIndex: number,
  previousTerm: number,
  leaderTerm: number,
): Entry[] {
  const count = reader.count(entryFrameOverheadBytes);
  const entries: Entry[] = [];
  let lastTerm = previousTerm;
  for (let i = 0; i < count; i++) {
    const parsed = parseEntryFrame(source.bytes, reader.position, source.checksum);
    if (!parsed.ok) throw new WireFault(parsed.fault);
    const { entry } = parsed;
    if (entry.index !== previousIndex + 1 + i) {
      throw new WireFault(`entry ${entry.index} stands where ${previousIndex + 1 + i} belongs`);
    }
    if (entry.term < lastTerm || entry.term > leaderTerm) {
      throw new WireFault(`entry ${entry.index} has term ${entry.term} after ${lastTerm}, sent in term ${leaderTerm}`);
    }
    lastTerm = entry.term;
    reader.skip(entry.frame.length);
    entries.push(entry);
  }
  return entries;
}

function readProposals(reader: WireReader): Proposal[] {
  const count = reader.count(28);
  const proposals: Proposal[] = [];
  for (let i = 0; i < count; i++) {
    proposals.push({
      session: reader.whole(),
      sequence: reader.whole(),
      ackedBelow: reader.whole(),
      payload: reader.blob(),
    });
  }
  return proposals;
}

function readProposalIds(reader: WireReader): ProposalId[] {
  const count = reader.count(16);
  const ids: ProposalId[] = [];
  for (let i = 0; i < count; i++) ids.push({ session: reader.whole(), sequence: reader.whole() });
  return ids;
}

function readMember(reader: WireReader): MemberId {
  const value = reader.whole();
  if (value < 1) throw new WireFault('a member id starts at 1');
  return memberId(value);
}

function readIndex(reader: WireReader): LogIndex {
  return logIndex(reader.whole());
}

function readTerm(reader: WireReader): Term {
  return term(reader.whole());
}

function readCode<K extends string>(reader: WireReader, codes: Readonly<Record<K, number>>, what: string): K {
  const code = reader.byte();
  const key = keyOf(codes, code);
  if (key === undefined) throw new WireFault(`unknown ${what} ${code}`);
  return key;
}
