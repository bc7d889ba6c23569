import type { Consistency, KeyRange, KeyValue, Store } from '@berth/store';

/** Reads what a decision depends on, all at one freshness. */
export class StateReader {
  readonly #store: Store;
  readonly #consistency: Consistency;
  #used = false;

  constructor(store: Store, consistency: Consistency) {
    this.#store = store;
    this.#consistency = consistency;
  }

  /** Whether anything was read: a decision that read nothing need not be taken again on a newer state. */
  get used(): boolean {
    return this.#used;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.#used = true;
    const { kvs } = await this.#store.range({ from: key, consistency: this.#consistency });
    return kvs[0];
  }

  async keys(range: KeyRange): Promise<readonly string[]> {
    this.#used = true;
    const { kvs } = await this.#store.range({ ...range, keysOnly: true, consistency: this.#consistency });
    return kvs.map((kv) => kv.key);
  }
}
