import type { PrintedKeyValue } from './printed-key-value.ts';

/**
 * A fingerprint of the present key space that does not depend on the order of insertion, kept up to date by adding what comes and
 * subtracting what goes. Equal on all members at the same applied index; 64 bits against damage and divergence, not against malice.
 */
export class StateHash {
  #low = 0;
  #high = 0;

  add(kv: PrintedKeyValue): void {
    const crc = kv.print;
    this.#low = (this.#low + mix(crc ^ kv.modRevision)) >>> 0;
    this.#high = (this.#high + mix(Math.imul(crc, 0x9e3779b1) ^ kv.version)) >>> 0;
  }

  remove(kv: PrintedKeyValue): void {
    const crc = kv.print;
    this.#low = (this.#low - mix(crc ^ kv.modRevision)) >>> 0;
    this.#high = (this.#high - mix(Math.imul(crc, 0x9e3779b1) ^ kv.version)) >>> 0;
  }

  clear(): void {
    this.#low = 0;
    this.#high = 0;
  }

  /** 16 hexadecimal digits. */
  get digest(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}

/** Finalizer of MurmurHash3: spreads the bits, so that sums of similar values differ everywhere. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
