/** Something that must never be was seen. Ends the run; the message names the member and the facts. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, facts: string) {
    super(`${invariant}: ${facts}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}
