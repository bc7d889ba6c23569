/** How much history is kept; whichever bound is reached first. */
export interface Retention {
  readonly historyMs: number;
  readonly historyBytes: number;
}

export const defaultRetention: Retention = { historyMs: 24 * 60 * 60 * 1000, historyBytes: 1024 ** 3 };

/** After so much history a new era begins. With smaller ones values that change often are told as a whole too often. */
export function eraBytesOf({ historyBytes }: Retention): number {
  return historyBytes / 4;
}
