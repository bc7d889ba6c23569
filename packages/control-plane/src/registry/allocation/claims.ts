import type { Compare, Operation } from '@berth/store';
import type { Companions } from '../guarded-write.ts';
import type { StateReader } from '../state-reader.ts';
import type { AllocationPool } from './allocation-pool.ts';

/** What one write takes and frees, gathered into the companions of its transaction. */
export class Claims {
  readonly reader: StateReader;
  /** A whole number in [0, below), by chance. */
  readonly integer: (below: number) => number;
  readonly #owner: string;
  readonly #compare: Compare[] = [];
  readonly #success: Operation[] = [];

  constructor(reader: StateReader, integer: (below: number) => number, owner: string) {
    this.reader = reader;
    this.integer = integer;
    this.#owner = owner;
  }

  take(pool: AllocationPool, item: string): void {
    const { compare, put } = pool.take(item, this.#owner);
    this.#compare.push(compare);
    this.#success.push(put);
  }

  free(pool: AllocationPool, item: string): void {
    this.#success.push(pool.free(item));
  }

  /** Does something besides. */
  also(operation: Operation): void {
    this.#success.push(operation);
  }

  get companions(): Companions {
    return { compare: this.#compare, success: this.#success };
  }
}
