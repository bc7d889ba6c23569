/** Time enters the program here and nowhere else. */
export interface Clock {
  /** Milliseconds that never go back; only differences mean something. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch. May jump; travels as data only, never decides a timeout. */
  wallMs(): number;
}
