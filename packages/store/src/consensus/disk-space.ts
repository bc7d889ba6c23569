import { statfs } from 'node:fs/promises';
import type { World } from '@berth/world';

const lookEveryMs = 1_000;
/** Space must come back by more than went missing, or a full disk would flap. */
const recoverFactor = 1.25;
const reserveShare = 0.05;
const reserveMax = 1024 ** 3;

/** Watches the free space of the data directory and tells when it falls below, or is back above, the reserve. */
export class DiskSpace {
  readonly #timer: Disposable;
  #low = false;
  #freeBytes = Number.POSITIVE_INFINITY;
  #looking = false;

  /** `reserveBytes` undefined: 5 % of the disk, at most 1 GiB. */
  constructor(world: World, path: string, reserveBytes: number | undefined, changed: (low: boolean) => void) {
    const look = async (): Promise<void> => {
      if (this.#looking) return;
      this.#looking = true;
      try {
        const { bavail, bsize, blocks } = await statfs(path);
        this.#freeBytes = bavail * bsize;
        const reserve = reserveBytes ?? Math.min(reserveMax, blocks * bsize * reserveShare);
        const low = this.#freeBytes < reserve * (this.#low ? recoverFactor : 1);
        if (low !== this.#low) {
          this.#low = low;
          changed(low);
        }
      } finally {
        this.#looking = false;
      }
    };
    this.#timer = world.timers.every(lookEveryMs, () => void look());
    void look();
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  close(): void {
    this.#timer[Symbol.dispose]();
  }
}
