import { ApiError, type Pod, type PodStatus, type Stored } from '@berth/api';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import type { Registry, StoredObject, WriteContext } from '../registry/registry.ts';
import { mergedPodStatus } from './pod-status-merge.ts';
import { mayRetry, retryPause } from './retry-pause.ts';

export interface PodStatusWriterOptions {
  readonly registry: Registry;
  readonly world: World;
  readonly log: Logger;
  /** Writes at work at once, of all nodes together. */
  readonly concurrency?: number;
}

/** What an agent reported last about one of its pods. */
export interface PodReport {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly status: PodStatus | undefined;
  /** Nothing of the pod is left on the node. */
  readonly gone: boolean;
}

/** Who reports, and for how long. */
export interface Reporter {
  readonly nodeName: string;
  readonly context: WriteContext;
  /** Aborted when the session ends: what is still waiting then is dropped, the next session reports anew. */
  readonly signal: AbortSignal;
}

interface Entry {
  readonly reporter: Reporter;
  report: PodReport;
  /** There is something to write that no write has taken up. */
  isWaiting: boolean;
  isWorking: boolean;
}

const defaultConcurrency = 64;

/**
 * Brings the reports of agents into the store. Of each pod only the latest report waits, so that a burst costs one write per
 * pod and memory is bounded by the number of pods.
 */
export class PodStatusWriter {
  readonly #options: PodStatusWriterOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: Entry[] = [];
  #working = 0;

  constructor(options: PodStatusWriterOptions) {
    this.#options = options;
  }

  /** Reports not yet written. */
  get pending(): number {
    return this.#entries.size;
  }

  report(reporter: Reporter, report: PodReport): void {
    const key = `${reporter.nodeName}/${report.uid}`;
    let entry = this.#entries.get(key);
    if (entry === undefined || entry.reporter !== reporter) {
      entry = { reporter, report, isWaiting: false, isWorking: false };
      this.#entries.set(key, entry);
    } else {
      // `gone` comes without a status, and the one before it is still worth writing.
      entry.report = { ...report, status: report.status ?? entry.report.status };
    }
    if (!entry.isWaiting && !entry.isWorking) this.#waiting.push(entry);
    entry.isWaiting = true;
    this.#pump();
  }

  #pump(): void {
    const limit = this.#options.concurrency ?? defaultConcurrency;
    while (this.#working < limit) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#working += 1;
      void this.#work(entry).finally(() => {
        this.#working -= 1;
        this.#pump();
      });
    }
  }

  async #work(entry: Entry): Promise<void> {
    const { log, world } = this.#options;
    entry.isWorking = true;
    const { signal, nodeName } = entry.reporter;
    for (let attempt = 0; entry.isWaiting && !signal.aborted; ) {
      entry.isWaiting = false;
      try {
        await this.#write(entry.reporter, entry.report);
      } catch (error) {
        log.warn(
          { node: nodeName, pod: entry.report.name, namespace: entry.report.namespace, err: error },
          'pod status not written',
        );
        if (!mayRetry(error)) break;
        entry.isWaiting = true;
        await retryPause(world.timers, attempt++, signal).catch(() => undefined);
      }
    }
    entry.isWorking = false;
    const key = `${nodeName}/${entry.report.uid}`;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  async #write(reporter: Reporter, report: PodReport): Promise<void> {
    const { registry } = this.#options;
    const ref = { resource: 'pods', namespace: report.namespace, name: report.name };
    try {
      if (!report.gone) {
        await this.#writeStatus(reporter, report);
        return;
      }
      const pod = asPod(await registry.get(ref, { kind: 'linearizable' }));
      if (!isOf(pod, reporter, report) || pod.metadata.deletionTimestamp === undefined) return;
      // Whoever holds the object with a finalizer wants to see how the pod ended.
      if ((pod.metadata.finalizers ?? []).length > 0) await this.#writeStatus(reporter, report);
      await registry.delete(ref, { gracePeriodSeconds: 0, preconditions: { uid: report.uid } }, reporter.context);
    } catch (error) {
      // The pod, or the one of its name that was meant, no longer exists: there is nothing to report about.
      if (error instanceof ApiError && error.reason === 'NotFound') return;
      throw error;
    }
  }

  async #writeStatus(reporter: Reporter, report: PodReport): Promise<void> {
    const { status } = report;
    if (status === undefined) return;
    const ref = { resource: 'pods', namespace: report.namespace, name: report.name };
    await this.#options.registry.modify(
      ref,
      'status',
      (stored) => {
        const pod = asPod(stored);
        // Decided anew when another write came between: that may be what a later session has reported.
        if (reporter.signal.aborted || !isOf(pod, reporter, report)) return undefined;
        return mergedPodStatus(pod, status);
      },
      reporter.context,
    );
  }
}

/** A node may speak about its own pods only, and about this very pod, not a later one of the same name. */
function isOf(pod: Stored<Pod>, reporter: Reporter, report: PodReport): boolean {
  return pod.metadata.uid === report.uid && pod.spec.nodeName === reporter.nodeName;
}

function asPod(object: StoredObject): Stored<Pod> {
  return object as unknown as Stored<Pod>;
}
