import type { Consistency, KeyRange, KeyValue, RangeResponse, Store } from '@berth/store';

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

  /** Whether it reads what a quorum has, and not only what this server has. */
  get isNewest(): boolean {
    return this.#consistency.kind === 'linearizable';
  }

  async get(key: string): Promise<KeyValue | undefined> {
    return (await this.range({ from: key })).kvs[0];
  }

  async range(range: KeyRange): Promise<RangeResponse> {
    this.#used = true;
    return await this.#store.range({ ...range, consistency: this.#consistency });
  }

  async keys(range: KeyRange): Promise<readonly string[]> {
    this.#used = true;
    const { kvs } = await this.#store.range({ ...range, keysOnly: true, consistency: this.#consistency });
    return kvs.map((kv) => kv.key);
  }
}
