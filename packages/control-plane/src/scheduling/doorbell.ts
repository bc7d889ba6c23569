/** Lets one loop sleep until somebody rings. A ring while nobody waits is not lost; several count as one. */
export class Doorbell {
  #rung = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiting?.();
    this.#waiting = undefined;
  }

  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#waiting = resolve));
    this.#rung = false;
  }
}
