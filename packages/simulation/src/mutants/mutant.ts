/** A place in the product or in the simulated shell where a fault is planted. `find` occurs exactly once in the file. */
export interface Patch {
  /** Below `packages/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * A planted bug. The product knows nothing of it: the text of the source is changed while a test process loads it, so it costs nothing and cannot be
 * switched on in production.
 */
export interface Mutant {
  readonly id: string;
  readonly bug: string;
  /** By what it should be caught: random search, a script, or both. */
  readonly expected: 'search' | 'script' | 'both';
  readonly patches: readonly Patch[];
}
