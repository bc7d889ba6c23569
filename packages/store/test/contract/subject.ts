import { expect } from 'vitest';
import type {
  KeyValue,
  Operation,
  Revision,
  Store,
  StoreErrorCode,
  StoreEvent,
  TxnResponse,
  WatchEnd,
  WatchRequest,
} from '../../src/index.ts';
import { prefixRange, StoreError } from '../../src/index.ts';

/** An engine under test. `stores` are doors to the same cluster; with one server there is one. */
export interface Subject {
  readonly stores: readonly [Store, ...Store[]];
  close(): Promise<void>;
}

export interface ContractCase {
  readonly title: string;
  run(place: Place): Promise<void>;
}

/** One test's own corner of the key space, with short words for what tests do there. */
export class Place {
  readonly store: Store;
  /** Another server of the same cluster, or the same one again. */
  readonly other: Store;
  readonly prefix: string;

  constructor(subject: Subject, prefix: string) {
    this.store = subject.stores[0];
    this.other = subject.stores.at(-1) as Store;
    this.prefix = prefix;
  }

  key(name: string): string {
    return this.prefix + name;
  }

  async put(name: string, value: string): Promise<Revision> {
    return (await this.txn(this.putting(name, value))).revision;
  }

  async delete(name: string): Promise<Revision> {
    return (await this.txn({ kind: 'delete', from: this.key(name) })).revision;
  }

  txn(...success: Operation[]): Promise<TxnResponse> {
    return this.store.txn({ compare: [], success });
  }

  putting(name: string, value: string): Operation {
    return { kind: 'put', key: this.key(name), value: bytes(value) };
  }

  /** `name=value` of every key here, linearizable. */
  async all(revision?: Revision, store: Store = this.store): Promise<string[]> {
    const request = { ...prefixRange(this.prefix), consistency: { kind: 'linearizable' } as const };
    const { kvs } = await store.range(revision === undefined ? request : { ...request, revision });
    return kvs.map((kv) => this.show(kv));
  }

  async get(name: string): Promise<KeyValue | undefined> {
    const answer = await this.store.range({ from: this.key(name), consistency: { kind: 'linearizable' } });
    return answer.kvs[0];
  }

  show(kv: KeyValue): string {
    return `${kv.key.slice(this.prefix.length)}=${text(kv.value)}`;
  }

  watch(request: Partial<WatchRequest> = {}, store: Store = this.store): Recorder {
    return new Recorder(store, { ...prefixRange(this.prefix), ...request }, this.prefix.length);
  }
}

/** Remembers what a watch was told and lets a test wait for it. */
export class Recorder {
  readonly told: string[] = [];
  readonly events: StoreEvent[] = [];
  readonly revisions: Revision[] = [];
  readonly bookmarks: Revision[] = [];
  ended: WatchEnd | undefined;
  readonly #skip: number;
  readonly #watch: Disposable;
  #wake: () => void = () => undefined;

  constructor(store: Store, request: WatchRequest, skip: number, accept: () => boolean = () => true) {
    this.#skip = skip;
    this.#watch = store.watch(request, {
      events: (events, revision) => {
        if (!accept()) return false;
        for (const event of events) this.#note(event);
        this.revisions.push(revision);
        this.#wake();
        return true;
      },
      bookmark: (revision) => {
        this.bookmarks.push(revision);
        this.#wake();
        return true;
      },
      end: (reason) => {
        this.ended = reason;
        this.#wake();
      },
    });
  }

  async until(reached: (recorder: Recorder) => boolean): Promise<this> {
    while (!reached(this)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    return this;
  }

  count(events: number): Promise<this> {
    return this.until((recorder) => recorder.events.length >= events);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #note(event: StoreEvent): void {
    this.events.push(event);
    const key = (event.kind === 'put' ? event.kv.key : event.key).slice(this.#skip);
    const was = event.previous === undefined ? '' : ` (was ${text(event.previous.value)})`;
    this.told.push(event.kind === 'put' ? `${key}=${text(event.kv.value)}${was}` : `-${key}${was}`);
  }
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

export async function refused(code: StoreErrorCode, attempt: Promise<unknown>): Promise<void> {
  const outcome = await attempt.then(
    () => 'was accepted',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(StoreError);
  expect(outcome).toMatchObject({ code });
}
