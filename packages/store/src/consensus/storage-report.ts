/** What a member found in its data directory when it started. */
export interface StorageReport {
  /**
   * - `ok`: everything that was promised is there.
   * - `torn-tail`: the last write was cut off by a crash; it was never answered.
   * - `quarantined`: something that was, or may have been, acknowledged is missing or damaged. The member neither votes nor counts until it
   *   holds again all that a later leader has committed.
   */
  readonly verdict: 'ok' | 'torn-tail' | 'quarantined';
  /** For the operator, in order of discovery. */
  readonly reasons: readonly string[];
}

/** Collects what speaks against a data directory. */
export class StorageFindings {
  readonly #reasons: string[] = [];
  #lost = false;
  #torn = false;

  get promiseLost(): boolean {
    return this.#lost;
  }

  /** Something acknowledged is, or may be, missing. */
  lost(reason: string): void {
    this.#lost = true;
    this.#reasons.push(reason);
  }

  /** The last write was cut off; nothing acknowledged is missing. */
  torn(reason: string): void {
    this.#torn = true;
    this.#reasons.push(reason);
  }

  note(reason: string): void {
    this.#reasons.push(reason);
  }

  report(): StorageReport {
    const verdict = this.#lost ? 'quarantined' : this.#torn ? 'torn-tail' : 'ok';
    return { verdict, reasons: this.#reasons };
  }
}
