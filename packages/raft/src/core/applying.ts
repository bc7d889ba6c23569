import { decodeFeatureLevel, levelTooHigh } from '../log/feature-level.ts';
import { type Entry, entryKinds } from '../vocabulary/entry.ts';
import { entryPayload } from '../vocabulary/entry-frame.ts';
import { assertInvariant } from '../vocabulary/invariant.ts';
import { indexAfter, type LogIndex, lowerIndex } from '../vocabulary/log-index.ts';
import { emit, notice } from './outbox.ts';
import type { RaftState } from './state.ts';

/**
 * Gives the state machine what is committed and durable here (rules 25, 26), in slices, as far as it keeps up.
 */
export function handOver(state: RaftState): void {
  const { log, options, applying, disk } = state;
  const to = lowerIndex(log.commitIndex, disk.durableIndex);
  while (log.handedOver < to && state.halted === undefined && !applying.reading) {
    if (applying.entries >= options.maxApplyingEntries || applying.bytes >= options.maxApplyingBytes) return;
    const from = indexAfter(log.handedOver);
    const held = log.cache.firstIndex;
    if (held === undefined || from < held) {
      applying.reading = true;
      const end = held === undefined ? to : lowerIndex(to, indexAfter(held, -1));
      emit(state, { kind: 'read-entries', reader: 'apply', from, to: end, maxBytes: options.maxApplyBytes });
      return;
    }
    handOverSlice(state, log.cache.slice(from, to, options.maxApplyEntries, options.maxApplyBytes));
  }
  log.cache.evict(to, options.maxCachedBytes);
}

/** Entries read back from the disk to be applied. */
export function onEntriesToApply(state: RaftState, entries: readonly Entry[]): void {
  const { log, applying } = state;
  applying.reading = false;
  const first = entries[0] as Entry;
  // A snapshot may have been installed while the disk was read.
  if (first.index === log.handedOver + 1 && (entries.at(-1) as Entry).index <= log.commitIndex) {
    handOverSlice(state, entries);
  }
  handOver(state);
}

export function onApplied(state: RaftState, index: LogIndex): void {
  const { log, applying } = state;
  if (index <= log.appliedIndex) return;
  assertInvariant(index <= log.handedOver, () => `applied ${index}, but only ${log.handedOver} was handed over`);
  log.appliedIndex = index;
  while (applying.slices.length > 0) {
    const slice = applying.slices[0] as (typeof applying.slices)[number];
    if (slice.lastIndex > index) break;
    applying.slices.shift();
    applying.entries -= slice.entries;
    applying.bytes -= slice.bytes;
  }
  handOver(state);
}

function handOverSlice(state: RaftState, slice: readonly Entry[]): void {
  const { applying, log } = state;
  const entries = upToUnsupported(state, slice);
  const last = entries.at(-1);
  if (last === undefined) return;
  let bytes = 0;
  for (const entry of entries) bytes += entry.frame.length;
  applying.slices.push({ lastIndex: last.index, bytes, entries: entries.length });
  applying.entries += entries.length;
  applying.bytes += bytes;
  applying.bytesSinceCheckpoint += bytes;
  log.handedOver = last.index;
  emit(state, { kind: 'apply', entries });
}

/** What comes before the first entry that this version cannot apply; there the member halts (rule 70). */
function upToUnsupported(state: RaftState, entries: readonly Entry[]): readonly Entry[] {
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    const reason = unsupported(state, entry);
    if (reason === undefined) continue;
    state.halted = reason;
    notice(state, { kind: 'halted', index: entry.index, reason });
    return entries.slice(0, i);
  }
  return entries;
}

function unsupported(state: RaftState, entry: Entry): string | undefined {
  if (entry.kind === entryKinds.command || entry.kind === entryKinds.empty) return undefined;
  if (entry.kind === entryKinds.configuration) return undefined;
  if (entry.kind !== entryKinds.featureLevel) {
    return `entry ${entry.index} is of kind ${entry.kind}, which this version does not know: install a newer version`;
  }
  const level = decodeFeatureLevel(entryPayload(entry)) as number;
  const reason = levelTooHigh(`entry ${entry.index} raises the feature level to ${level}`, level, state.options);
  if (reason === undefined) notice(state, { kind: 'feature-level', level });
  return reason;
}
