import { type Compare, type Operation, prefixRange } from '@berth/store';
import type { StateReader } from '../state-reader.ts';

const allocationsPrefix = '/berth/allocations/';
const text = new TextEncoder();

/** Random draws before the whole pool is looked through. */
const drawsMax = 6;

/** What may be handed out, the preferred ones first: the rest is left to those who ask for a certain one. */
export interface Candidates {
  readonly count: number;
  readonly preferred: number;
  at(index: number): string;
}

/**
 * Things of which each may belong to one object at a time. Taking one writes a key on condition that it is not there, in the
 * transaction that writes its owner; so no two servers can hand out the same one, and nothing leaks when a write fails.
 */
export class AllocationPool {
  readonly #prefix: string;

  /** `name` in kebab-case, e.g. `cluster-ips`. */
  constructor(name: string) {
    this.#prefix = `${allocationsPrefix}${name}/`;
  }

  take(item: string, owner: string): { readonly compare: Compare; readonly put: Operation } {
    const key = this.#prefix + item;
    return {
      compare: { key, target: 'version', is: '=', version: 0 },
      put: { kind: 'put', key, value: text.encode(owner) },
    };
  }

  free(item: string): Operation {
    return { kind: 'delete', from: this.#prefix + item };
  }

  async isTaken(reader: StateReader, item: string): Promise<boolean> {
    return (await reader.get(this.#prefix + item)) !== undefined;
  }

  async taken(reader: StateReader): Promise<ReadonlySet<string>> {
    const keys = await reader.keys(prefixRange(this.#prefix));
    return new Set(keys.map((key) => key.slice(this.#prefix.length)));
  }

  /**
   * A free candidate, drawn by chance so that servers seldom want the same; undefined when none is free. `also` are those
   * that this very write takes already.
   */
  async draw(
    reader: StateReader,
    candidates: Candidates,
    integer: (below: number) => number,
    also: ReadonlySet<string>,
  ): Promise<string | undefined> {
    for (let draw = 0; draw < drawsMax; draw += 1) {
      const item = candidates.at(integer(candidates.preferred));
      if (!also.has(item) && !(await this.isTaken(reader, item))) return item;
    }
    const taken = await this.taken(reader);
    for (let index = 0; index < candidates.count; index += 1) {
      const item = candidates.at(index);
      if (!also.has(item) && !taken.has(item)) return item;
    }
    return undefined;
  }
}
