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
