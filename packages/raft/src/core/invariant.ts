/**
 * A condition that no sequence of events may break, however ill-behaved peers and disks are. When it is broken the process must end: the state can
 * no longer be trusted.
 */
export class BrokenInvariant extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BrokenInvariant';
  }
}

export function assertInvariant(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new BrokenInvariant(message());
}

/** For the end of a switch over a union: a case that is not handled does not compile. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unreachable case ${JSON.stringify(value)}`);
}
