import type { StoredObject } from './registry.ts';

/** Objects by key, listed in the order of their keys. The list is made when it is asked for and kept until a change. */
export class OrderedObjects {
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys: string[] = [];
  #list: readonly StoredObject[] | undefined;

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  keys(): readonly string[] {
    return this.#keys;
  }

  set(key: string, object: StoredObject): void {
    if (!this.#objects.has(key)) this.#keys.splice(this.#position(key), 0, key);
    this.#objects.set(key, object);
    this.#list = undefined;
  }

  delete(key: string): void {
    if (!this.#objects.delete(key)) return;
    this.#keys.splice(this.#position(key), 1);
    this.#list = undefined;
  }

  list(): readonly StoredObject[] {
    this.#list ??= Object.freeze(this.#keys.map((key) => this.#objects.get(key) as StoredObject));
    return this.#list;
  }

  /** Where `key` is, or would be. */
  #position(key: string): number {
    const keys = this.#keys;
    const last = keys.at(-1);
    if (last === undefined || last < key) return keys.length;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
