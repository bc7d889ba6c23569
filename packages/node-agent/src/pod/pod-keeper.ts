import type { Pod, PodStatus } from '@berth/api';
import type { PodPorts } from './pod-ports.ts';
import { podReferences } from './pod-references.ts';
import type { PodSituation } from './pod-situation.ts';
import { PodWorker } from './pod-worker.ts';

export interface PodKeeperOptions {
  readonly ports: PodPorts;
  /** This node's addresses, the most important one first. */
  readonly hostIps: () => readonly string[];
  readonly onStatus: (pod: Pod, status: PodStatus) => void;
  /** Nothing of the pod is left here; `pod` is what was last known of it. */
  readonly onGone: (uid: string, pod: Pod | undefined) => void;
  readonly onPass: (situation: PodSituation) => void;
}

/** All pods of the node: one worker for each that is assigned or of which something is left. */
export class PodKeeper implements Disposable {
  readonly #options: PodKeeperOptions;
  readonly #workers = new Map<string, PodWorker>();

  constructor(options: PodKeeperOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers.values()) worker[Symbol.dispose]();
    this.#workers.clear();
  }

  get size(): number {
    return this.#workers.size;
  }

  assign(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    this.#worker(uid).assign(pod);
  }

  /** The object is gone: whatever runs of it ends. */
  unassign(uid: string): void {
    this.#worker(uid).unassign();
  }

  /** The server has named every pod of this node: what runs of others is left over. `leftovers` are known by their files only. */
  retainOnly(assigned: ReadonlySet<string>, leftovers: readonly string[]): void {
    const present = new Set([...this.#workers.keys(), ...this.#options.ports.containers.uids(), ...leftovers]);
    for (const uid of present) if (!assigned.has(uid)) this.unassign(uid);
  }

  /** A ConfigMap or Secret has come, changed or gone. */
  configChanged(kind: string, namespace: string, name: string): void {
    for (const worker of this.#workers.values()) {
      const { pod } = worker;
      if (pod?.metadata.namespace !== namespace) continue;
      if (podReferences(pod).some((reference) => reference.kind === kind && reference.name === name))
        worker.refreshFiles();
    }
  }

  /** The engine tells of a change. Of pods that nobody has spoken of yet nothing is done before the server has. */
  containersChanged(uid: string): void {
    this.#workers.get(uid)?.wake();
  }

  /** Circumstances have changed (the engine is back): everything is looked at again, and what failed is tried at once. */
  retryAll(): void {
    for (const worker of this.#workers.values()) worker.retry();
  }

  /** The kernel has another network table: pods that end may have been waiting for it. */
  networkChanged(): void {
    for (const worker of this.#workers.values()) {
      if (worker.pod?.metadata.deletionTimestamp !== undefined) worker.wake();
    }
  }

  probed(uid: string, containerId: string, verdict: Parameters<PodWorker['probed']>[1]): void {
    this.#workers.get(uid)?.probed(containerId, verdict);
  }

  /** What each pod was last reported as, for a server that may not know it. */
  reported(): readonly { readonly pod: Pod; readonly status: PodStatus }[] {
    return [...this.#workers.values()].flatMap(({ pod, status, assigned }) =>
      pod === undefined || !assigned || status.phase === undefined ? [] : [{ pod, status }],
    );
  }

  find(uid: string): { readonly pod: Pod | undefined; readonly status: PodStatus } | undefined {
    return this.#workers.get(uid);
  }

  /** The specification of every pod that is assigned. */
  pods(): readonly Pod[] {
    return [...this.#workers.values()].flatMap(({ pod, assigned }) => (pod !== undefined && assigned ? [pod] : []));
  }

  #worker(uid: string): PodWorker {
    const known = this.#workers.get(uid);
    if (known !== undefined) return known;
    const { ports, hostIps, onStatus, onPass } = this.#options;
    const worker = new PodWorker({
      uid,
      ports,
      hostIps,
      onStatus,
      onPass,
      onReleased: () => this.#released(uid, worker),
    });
    this.#workers.set(uid, worker);
    return worker;
  }

  #released(uid: string, worker: PodWorker): void {
    worker[Symbol.dispose]();
    this.#workers.delete(uid);
    this.#options.onGone(uid, worker.pod);
  }
}
