import { CodecError, unlessDamaged } from '../codec/byte-reader.ts';
import type { KeyValue } from '../store.ts';
import { readBlocks, type StateLevel } from './level-blocks.ts';
import { decodeChanges, decodeUnverified, recordKeys } from './state-records.ts';

/** Records asked for one by one, together: some megabytes at most are held at once. */
const askedAtOnce = 64;
/** So many records are read on the way to the next one that is wanted: looking for it would take longer. */
const readOverMax = 4;
/** Below this it is not worth opening an iterator. */
const runMin = 8;

/**
 * Finds the values of present keys that lie elsewhere: in the history at their revision or, when that was deleted since, in the record of the
 * previous value. `found` is told each once, in no order, and the value holds only during the call. A `CodecError` when one is missing. Nothing is
 * verified, like in `LatestValues`.
 */
export async function readReferred(
  level: StateLevel,
  references: readonly KeyValue[],
  found: (kv: KeyValue) => void,
): Promise<void> {
  const search = new Search(references, found);
  let scattered: number[] = [];
  for (const run of runsOf(search.revisions)) {
    if (run.length < runMin) scattered.push(...run);
    else await search.between(level, run[0] as number, run.at(-1) as number);
    if (scattered.length < askedAtOnce) continue;
    await search.at(level, scattered);
    scattered = [];
  }
  await search.at(level, scattered);
  await search.kept(level);
}

class Search {
  readonly #wanted = new Map<number, KeyValue[]>();
  readonly #found: (kv: KeyValue) => void;

  constructor(references: readonly KeyValue[], found: (kv: KeyValue) => void) {
    this.#found = found;
    for (const reference of references) {
      const others = this.#wanted.get(reference.modRevision);
      if (others === undefined) this.#wanted.set(reference.modRevision, [reference]);
      else others.push(reference);
    }
  }

  /** Of what was not found yet, ascending. */
  get revisions(): number[] {
    return [...this.#wanted.keys()].sort((a, b) => a - b);
  }

  async between(level: StateLevel, from: number, to: number): Promise<void> {
    for await (const block of readBlocks(level, recordKeys.historyBetween(from, to)))
      for (const [key, record] of block) this.#take(recordKeys.revisionOf(key), record);
  }

  async at(level: StateLevel, revisions: readonly number[]): Promise<void> {
    const records = await level.getMany(revisions.map(recordKeys.history));
    for (const [nth, record] of records.entries())
      if (record !== undefined) this.#take(revisions[nth] as number, record);
  }

  /** What the history does not hold any more. */
  async kept(level: StateLevel): Promise<void> {
    for (const { key, modRevision } of [...this.#wanted.values()].flat()) {
      const record = await level.get(recordKeys.previous(key));
      const kv = record === undefined ? undefined : decodeUnverified(key, record);
      if (kv?.modRevision !== modRevision)
        throw new CodecError(`the value of ${key} at revision ${modRevision} is missing`);
      this.#found(kv);
    }
  }

  #take(revision: number, record: Uint8Array): void {
    const references = this.#wanted.get(revision);
    if (references === undefined) return;
    const keys = new Set(references.map(({ key }) => key));
    // The last change of a key counts; what a damaged record holds is missing.
    const changes = unlessDamaged(() => decodeChanges(record)) ?? [];
    for (const { kv } of changes.toReversed()) if (kv !== undefined && keys.delete(kv.key)) this.#found(kv);
    if (keys.size === 0) this.#wanted.delete(revision);
    else
      this.#wanted.set(
        revision,
        references.filter(({ key }) => keys.has(key)),
      );
  }
}

/** Pieces of ascending revisions, cut where the way to the next is long. */
function runsOf(revisions: readonly number[]): number[][] {
  const runs: number[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const revision of revisions) {
    if (revision - last <= readOverMax) runs.at(-1)?.push(revision);
    else runs.push([revision]);
    last = revision;
  }
  return runs;
}
