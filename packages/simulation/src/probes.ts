/** Named situations and how often a simulation has met them: coverage by situation instead of by line. */
export class Probes {
  readonly #counts = new Map<string, number>();

  hit(name: string, times = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(other: Probes): void {
    for (const [name, count] of other.#counts) this.hit(name, count);
  }

  get all(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
