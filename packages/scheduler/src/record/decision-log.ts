/** One placement, as much of it as is needed to make it again. */
export interface DecisionRecord {
  /** Counts decisions of this session from 0. */
  readonly sequence: number;
  /** Revision of the store that the session had been told of. */
  readonly revision: number;
  readonly uid: string;
  readonly node: string;
  readonly score: number;
}

/**
 * The latest placements. With the objects at `revision`, the placements of smaller sequence that were not in the store by then, and
 * the same profiles, a session comes to the same node and score again: decisions are pure functions of what was known.
 */
export class DecisionLog {
  readonly #capacity: number;
  readonly #uids: string[] = [];
  readonly #nodes: string[] = [];
  readonly #scores: Float64Array;
  readonly #revisions: Float64Array;
  /** Sequence of the next one. */
  #next = 0;
  /** Of the store, as last told. */
  revision = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#scores = new Float64Array(capacity);
    this.#revisions = new Float64Array(capacity);
  }

  add(uid: string, node: string, score: number): void {
    if (this.#capacity > 0) {
      const place = this.#next % this.#capacity;
      this.#uids[place] = uid;
      this.#nodes[place] = node;
      this.#scores[place] = score;
      this.#revisions[place] = this.revision;
    }
    this.#next += 1;
  }

  /** Those still kept from a sequence on, oldest first. */
  from(sequence: number): readonly DecisionRecord[] {
    const records: DecisionRecord[] = [];
    for (let at = Math.max(sequence, this.#next - this.#capacity, 0); at < this.#next; at += 1) {
      const place = at % this.#capacity;
      records.push({
        sequence: at,
        revision: this.#revisions[place] as number,
        uid: this.#uids[place] as string,
        node: this.#nodes[place] as string,
        score: this.#scores[place] as number,
      });
    }
    return records;
  }
}
