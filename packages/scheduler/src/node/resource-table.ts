/** Columns that every node has, in this order. */
export const cpuColumn = 0;
export const memoryColumn = 1;
export const podsColumn = 2;
const builtIn: readonly string[] = ['cpu', 'memory', 'pods', 'ephemeral-storage'];

/** Numbers the names of resources, so that amounts can stand in columns. A name keeps its column for ever. */
export class ResourceTable {
  readonly #names: string[] = [...builtIn];
  readonly #columns = new Map<string, number>(builtIn.map((name, column) => [name, column]));

  get count(): number {
    return this.#names.length;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** The column of a resource; a new one for a name not seen before. */
  columnOf(name: string): number {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = this.#names.length;
      this.#names.push(name);
      this.#columns.set(name, column);
    }
    return column;
  }

  nameOf(column: number): string {
    return this.#names[column] ?? '';
  }
}
