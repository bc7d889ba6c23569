/** How much history is kept; whichever bound is reached first. */
export interface Retention {
  readonly historyMs: number;
  readonly historyBytes: number;
}

export const defaultRetention: Retention = { historyMs: 24 * 60 * 60 * 1000, historyBytes: 1024 ** 3 };
