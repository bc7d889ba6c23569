interface Scheduled {
  readonly atUs: number;
  /** Ties are broken by the order of scheduling. */
  readonly order: number;
  readonly run: () => void;
}

/** Simulated time: what happens when, in microseconds. A binary heap. */
export class EventQueue {
  readonly #heap: Scheduled[] = [];
  #nowUs = 0;
  #order = 0;
  #executed = 0;

  get nowUs(): number {
    return this.#nowUs;
  }

  get executed(): number {
    return this.#executed;
  }

  after(delayUs: number, run: () => void): void {
    this.at(this.#nowUs + delayUs, run);
  }

  at(atUs: number, run: () => void): void {
    const item: Scheduled = { atUs: Math.max(Math.round(atUs), this.#nowUs), order: this.#order++, run };
    const heap = this.#heap;
    let i = heap.length;
    heap.push(item);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(item, heap[parent] as Scheduled)) break;
      heap[i] = heap[parent] as Scheduled;
      i = parent;
    }
    heap[i] = item;
  }

  /** Runs everything that is due up to `untilUs`, then stands at that time. */
  runUntil(untilUs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atUs <= untilUs; next = this.#heap[0]) {
      this.#pop();
      this.#nowUs = next.atUs;
      this.#executed++;
      next.run();
    }
    this.#nowUs = Math.max(this.#nowUs, untilUs);
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Scheduled;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Scheduled, heap[child] as Scheduled)) child++;
      if (!before(heap[child] as Scheduled, last)) break;
      heap[i] = heap[child] as Scheduled;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
