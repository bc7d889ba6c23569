import { type BoundedRange, boundedRange } from '../key-range.ts';
import { type Revision, revision } from '../revision.ts';
import type {
  KeyRange,
  KeyValue,
  Operation,
  OperationResponse,
  StoreEvent,
  TxnRequest,
  TxnResponse,
} from '../store.ts';
import { unreachable } from '../unreachable.ts';
import { holds } from './comparison.ts';
import { OrderedMap } from './ordered-map.ts';
import { PrintedKeyValue } from './printed-key-value.ts';
import { StateHash } from './state-hash.ts';
import { type Transaction, transactionBytes } from './transaction.ts';

/** Outcome of one transaction. `transaction` is absent when nothing changed. */
export interface Applied {
  readonly response: TxnResponse;
  readonly transaction: Transaction | undefined;
}

/** Everything needed to stand where another key space stood. */
export interface KeySpaceState {
  readonly revision: Revision;
  readonly compactRevision: Revision;
  readonly wallMs: number;
  readonly createdMs: number;
  readonly kvs: Iterable<KeyValue>;
}

/**
 * The present state of all keys, changed only by `apply`. A pure function of the requests it was given: no clock, no randomness, no
 * failure. What it was before lives in the transactions it returns; who calls keeps them as history.
 */
export class KeySpace {
  readonly present: OrderedMap<PrintedKeyValue> = new OrderedMap();
  readonly #hash = new StateHash();
  #revision: Revision = revision(1);
  #compactRevision: Revision = revision(0);
  #wallMs = 0;
  #createdMs = 0;

  /** When the empty store, revision 1, came to be; 0 while nobody has said. */
  get createdMs(): number {
    return this.#createdMs;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get compactRevision(): Revision {
    return this.#compactRevision;
  }

  /** Wall time of the present revision. */
  get wallMs(): number {
    return this.#wallMs;
  }

  get stateHash(): string {
    return this.#hash.digest;
  }

  /** Tells when it came to be; only the first time counts. */
  begin(wallMs: number): void {
    if (this.#createdMs !== 0) return;
    this.#createdMs = wallMs;
    this.#wallMs = Math.max(this.#wallMs, wallMs);
  }

  restore(state: KeySpaceState): void {
    this.present.clear();
    this.#hash.clear();
    for (const each of state.kvs) {
      const kv = PrintedKeyValue.of(each);
      this.present.set(kv.key, kv);
      this.#hash.add(kv);
    }
    this.#revision = state.revision;
    this.#compactRevision = state.compactRevision;
    this.#wallMs = state.wallMs;
    this.#createdMs = state.createdMs;
  }

  /** The request must have passed `checkTxn`. Time never goes back along the history, whatever the proposers' clocks say. */
  apply(request: TxnRequest, proposedWallMs: number): Applied {
    const succeeded = request.compare.every((compare) => holds(compare, this.present.get(compare.key)));
    const operations = succeeded ? request.success : (request.failure ?? []);
    const next = revision(this.#revision + 1);
    const events: StoreEvent[] = [];
    const responses: OperationResponse[] = [];
    for (const operation of operations) responses.push(this.#execute(operation, next, events));
    if (events.length === 0)
      return { response: { succeeded, revision: this.#revision, responses }, transaction: undefined };
    this.#revision = next;
    this.#wallMs = Math.max(this.#wallMs, proposedWallMs);
    const transaction: Transaction = {
      revision: next,
      wallMs: this.#wallMs,
      cause: request.cause ?? '',
      events,
      bytes: transactionBytes(events),
    };
    return { response: { succeeded, revision: next, responses }, transaction };
  }

  /** Marks history below `to` as forgotten; `to` must lie within the kept history. */
  compact(to: Revision): void {
    this.#compactRevision = to;
  }

  #execute(operation: Operation, next: Revision, events: StoreEvent[]): OperationResponse {
    switch (operation.kind) {
      case 'put':
        return { kind: 'put', previous: this.#put(operation.key, operation.value, next, events) };
      case 'delete':
        return { kind: 'delete', previous: this.#delete(operation, next, events) };
      case 'range':
        return { kind: 'range', kvs: this.present.slice(boundedRange(operation), Number.POSITIVE_INFINITY) };
      default:
        return unreachable(operation);
    }
  }

  #put(key: string, value: Uint8Array, next: Revision, events: StoreEvent[]): KeyValue | undefined {
    const previous = this.present.get(key);
    const kv =
      previous === undefined
        ? PrintedKeyValue.of({ key, value, createRevision: next, modRevision: next, version: 1 })
        : previous.next(value, next);
    if (previous !== undefined) this.#hash.remove(previous);
    this.present.set(kv.key, kv);
    this.#hash.add(kv);
    events.push({ kind: 'put', kv, previous });
    return previous;
  }

  #delete(range: KeyRange, next: Revision, events: StoreEvent[]): readonly KeyValue[] {
    const bounded: BoundedRange = boundedRange(range);
    const gone = this.present.slice(bounded, Number.POSITIVE_INFINITY);
    for (const previous of gone) {
      this.#hash.remove(previous);
      this.present.delete(previous.key);
      events.push({ kind: 'delete', key: previous.key, modRevision: next, previous });
    }
    return gone;
  }
}
