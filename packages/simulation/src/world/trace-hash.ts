/** A running 53-bit hash of everything that happened: two runs of a seed must end with the same one. */
export class TraceHash {
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;

  add(value: number): void {
    this.#low = Math.imul(this.#low ^ (value | 0), 0x01000193);
    this.#high = Math.imul((this.#high ^ this.#low) + ((value / 0x1_0000_0000) | 0), 0x85ebca6b);
    this.#high ^= this.#high >>> 13;
  }

  get hex(): string {
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0');
  }
}
