import type { Pod, PodStatus } from '@berth/api';
import type { World } from '@berth/world';
import type { ReportQueue } from './report-queue.ts';

/** Brings statuses of pods into the queue, and measures how long pods take to run. */
export class StatusReports {
  readonly #reports: ReportQueue;
  readonly #world: World;
  readonly #onStarted: (seconds: number) => void;
  /** When a pod was heard of first; absent once it has run. */
  readonly #waitingSinceMs = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(options: {
    readonly reports: ReportQueue;
    readonly world: World;
    readonly onStarted: (seconds: number) => void;
  }) {
    this.#reports = options.reports;
    this.#world = options.world;
    this.#onStarted = options.onStarted;
  }

  status(pod: Pod, status: PodStatus): void {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    this.#reports.podStatus({ namespace, name, uid, status: Buffer.from(JSON.stringify(status)), gone: false });
    const nowMs = this.#world.clock.monotonicMs();
    if (!this.#seen.has(uid)) {
      this.#seen.add(uid);
      // A pod that runs when it is heard of first was started by an agent before this one.
      if (status.phase === 'Pending') this.#waitingSinceMs.set(uid, nowMs);
      return;
    }
    const sinceMs = this.#waitingSinceMs.get(uid);
    if (status.phase !== 'Running' || sinceMs === undefined) return;
    this.#waitingSinceMs.delete(uid);
    this.#onStarted((nowMs - sinceMs) / 1000);
  }

  /** Nothing of the pod is left; `pod` is what was last known of it. */
  gone(uid: string, pod: Pod | undefined): void {
    this.#waitingSinceMs.delete(uid);
    this.#seen.delete(uid);
    if (pod === undefined) return;
    const { namespace = '', name = '' } = pod.metadata;
    this.#reports.podStatus({ namespace, name, uid, status: Buffer.alloc(0), gone: true });
  }
}
