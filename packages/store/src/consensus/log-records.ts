import { type HardState, type LogBase, memberId, term } from '@berth/raft';
import type { ByteWriter } from '../codec/byte-writer.ts';
import { sealed, unsealed } from '../codec/checksum.ts';
import { baseOf, baseText } from '../state/state-meta.ts';

/**
 * Keys of the log database.
 *
 * | key | value |
 * | --- | --- |
 * | `b` | where the log begins, and which state belongs to it |
 * | `h0`, `h1` | hard state, written in turn |
 * | `l<generation, 8 hex digits><index, 16 hex digits>` | chain value (4 bytes) and frame of an entry |
 *
 * A generation is one life of the log between two installed snapshots: an installation makes all older entries void by one small write.
 */
export const logKeys: LogKeys = {
  base: 'b',
  hardState: (seq: number): string => `h${seq % 2}`,
  hardStates: ['h0', 'h1'],
  entry: (generation: number, index: number): string => `l${generationText(generation)}${indexText(index)}`,
  entries: (generation: number, from: number, to: number): { gte: string; lte: string } => ({
    gte: logKeys.entry(generation, from),
    lte: logKeys.entry(generation, to),
  }),
  indexOf: (key: string): number => Number.parseInt(key.slice(9), 16),
  obsolete: (generation: number, index: number): { gte: string; lte: string }[] => [
    { gte: 'l', lte: logKeys.entry(generation, index) },
    { gte: `l${generationText(generation + 1)}`, lte: 'm' },
  ],
};

interface LogKeys {
  readonly base: string;
  hardState(seq: number): string;
  readonly hardStates: readonly string[];
  entry(generation: number, index: number): string;
  /** Entries `from` to `to`, inclusive. */
  entries(generation: number, from: number, to: number): { gte: string; lte: string };
  indexOf(key: string): number;
  /** Everything of other generations, and entries up to `index` of this one. */
  obsolete(generation: number, index: number): { gte: string; lte: string }[];
}

export const lastPossibleIndex: number = Number.MAX_SAFE_INTEGER;

function generationText(generation: number): string {
  return generation.toString(16).padStart(8, '0');
}

function indexText(index: number): string {
  return index.toString(16).padStart(16, '0');
}

export interface StoredBase {
  readonly base: LogBase;
  /** Chain value at the base. */
  readonly chain: number;
  readonly generation: number;
  /** Folder of the state database that holds everything up to the base, and more. */
  readonly stateFolder: string;
}

export function encodeBase(stored: StoredBase): Uint8Array {
  return sealed(logKeys.base, Buffer.from(JSON.stringify({ ...stored, base: baseText(stored.base) })));
}

export function decodeBase(record: Uint8Array): StoredBase {
  const text = JSON.parse(Buffer.from(unsealed(logKeys.base, record)).toString());
  return { ...text, base: baseOf(text.base) };
}

export interface StoredHardState {
  readonly seq: number;
  readonly hardState: HardState;
}

export function encodeHardState(stored: StoredHardState): Uint8Array {
  return sealed(logKeys.hardState(stored.seq), Buffer.from(JSON.stringify(stored)));
}

export function decodeHardState(key: string, record: Uint8Array): StoredHardState {
  const { seq, hardState } = JSON.parse(Buffer.from(unsealed(key, record)).toString());
  return { seq, hardState: hardStateOf(hardState) };
}

/** From parsed JSON: what is undefined there is absent. */
function hardStateOf(text: { term: number; vote?: number; quarantinedUpTo?: number }): HardState {
  return {
    term: term(text.term),
    vote: text.vote === undefined ? undefined : memberId(text.vote),
    quarantinedUpTo: text.quarantinedUpTo === undefined ? undefined : term(text.quarantinedUpTo),
  };
}

/** Written to `writer`, as a view of it. */
export function encodeEntryRecord(chain: number, frame: Uint8Array, writer: ByteWriter): Uint8Array {
  writer.reset();
  return writer.uint32(chain).raw(frame).finish();
}

export function recordChain(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset, record.length).getUint32(0);
}

export const recordFrameOffset = 4;
