import type { World } from '@berth/world';
import type { Engine, ImageRecord } from '../engine/engine.ts';
import { diskSpace, memoryAvailableBytes } from './machine-facts.ts';
import type { NodeHealth } from './node-status.ts';

const lookEveryMs = 60_000;
/** The kubelet's threshold for memory; disks are judged more leniently, since nothing is evicted here. */
const memoryBytesMin = 100 * 2 ** 20;
const diskFreeShareMin = 0.03;

export interface NodeWatchOptions {
  readonly engine: Engine;
  readonly world: World;
  /** A path on the disk that images and volumes share. */
  readonly diskPath: string;
  /** Only called when something has changed. */
  readonly onChange: (health: NodeHealth) => void;
}

/** Looks after the health of the machine. */
export class NodeWatch implements Disposable {
  readonly #options: NodeWatchOptions;
  readonly #timer: Disposable;
  #health: NodeHealth = { engineAnswers: true, memoryPressure: false, diskPressure: false, images: [] };

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#timer = options.world.timers.every(lookEveryMs, () => void this.look());
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  get health(): NodeHealth {
    return this.#health;
  }

  engineAnswers(engineAnswers: boolean): void {
    this.#change({ ...this.#health, engineAnswers });
    if (engineAnswers) void this.look();
  }

  async look(): Promise<void> {
    const { engine, diskPath } = this.#options;
    const available = await memoryAvailableBytes();
    const disk = await diskSpace(diskPath);
    const images: readonly ImageRecord[] = await engine.listImages().catch(() => this.#health.images);
    this.#change({
      engineAnswers: this.#health.engineAnswers,
      memoryPressure: available !== undefined && available < memoryBytesMin,
      diskPressure: disk.totalBytes > 0 && disk.freeBytes < disk.totalBytes * diskFreeShareMin,
      images,
    });
  }

  #change(health: NodeHealth): void {
    if (JSON.stringify(health) === JSON.stringify(this.#health)) return;
    this.#health = health;
    this.#options.onChange(health);
  }
}
