/** Randomness enters the program here and nowhere else. */
export interface Random {
  /** `count` unpredictable bytes (predictable under a seed in the simulation). */
  bytes(count: number): Uint8Array;
  /** A whole number in [0, below); `below` is at most 2^32. */
  integer(below: number): number;
  /** A version 4 UUID (RFC 9562) in lower case. */
  uuid(): string;
}
