import { ByteReader } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import type { StoreErrorCode } from '../store-error.ts';

/** What is remembered of a command: enough to answer its repetition like the first time. */
export interface StoredResult {
  readonly outcome: 'succeeded' | 'failed' | StoreErrorCode;
  /** Revision after it. */
  readonly revision: number;
}

interface Session {
  /** Of the last entry that used it; decides who is evicted. */
  lastIndex: number;
  ackedBelow: number;
  readonly results: Map<number, StoredResult>;
}

/** Sessions kept at once; a server uses one for each of its lives. */
const sessionsMax = 256;

export type Lookup =
  | { readonly kind: 'new' }
  | { readonly kind: 'repeated'; readonly result: StoredResult }
  /** Already answered and forgotten: nobody waits for it. */
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'expired' };

/**
 * Which commands were applied already, so that a retry after a change of leader is applied once. Part of the replicated state: every
 * decision here follows from the entries alone, also who is evicted.
 */
export class SessionTable {
  readonly #sessions = new Map<number, Session>();
  readonly #touched = new Set<number>();

  get size(): number {
    return this.#sessions.size;
  }

  /** Makes session `index`; the one unused for longest goes when there are too many. */
  open(index: number): void {
    this.#sessions.set(index, { lastIndex: index, ackedBelow: 1, results: new Map() });
    this.#touched.add(index);
    if (this.#sessions.size <= sessionsMax) return;
    let oldest = index;
    for (const [id, session] of this.#sessions) {
      if (session.lastIndex < (this.#sessions.get(oldest)?.lastIndex ?? 0)) oldest = id;
    }
    this.#sessions.delete(oldest);
    this.#touched.add(oldest);
  }

  lookup(id: number, sequence: number): Lookup {
    const session = this.#sessions.get(id);
    if (session === undefined) return { kind: 'expired' };
    const result = session.results.get(sequence);
    if (result !== undefined) return { kind: 'repeated', result };
    return sequence < session.ackedBelow ? { kind: 'forgotten' } : { kind: 'new' };
  }

  record(id: number, sequence: number, index: number, result: StoredResult): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.lastIndex = index;
    session.results.set(sequence, result);
    this.#touched.add(id);
  }

  acknowledge(id: number, below: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined || below <= session.ackedBelow) return;
    for (let sequence = session.ackedBelow; sequence < below; sequence++) session.results.delete(sequence);
    session.ackedBelow = below;
    this.#touched.add(id);
  }

  /** Records of the sessions that changed since the last call; undefined for one that is gone. */
  takeChanges(): (readonly [id: number, record: Uint8Array | undefined])[] {
    const changes = [...this.#touched].map((id) => [id, this.#encode(id)] as const);
    this.#touched.clear();
    return changes;
  }

  clear(): void {
    this.#sessions.clear();
    this.#touched.clear();
  }

  restore(id: number, record: Uint8Array): void {
    const reader = new ByteReader(record);
    const session: Session = { lastIndex: reader.whole(), ackedBelow: reader.whole(), results: new Map() };
    for (let left = reader.uint32(); left > 0; left--) {
      const sequence = reader.whole();
      const revision = reader.whole();
      session.results.set(sequence, { outcome: reader.text() as StoredResult['outcome'], revision });
    }
    reader.end();
    this.#sessions.set(id, session);
  }

  #encode(id: number): Uint8Array | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    const writer = new ByteWriter(32 + session.results.size * 32);
    writer.whole(session.lastIndex).whole(session.ackedBelow).uint32(session.results.size);
    for (const [sequence, { outcome, revision }] of session.results)
      writer.whole(sequence).whole(revision).text(outcome);
    return writer.finish();
  }
}
