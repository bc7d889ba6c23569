import type { World } from '@berth/world';
import type { Engine, EngineEvent } from '../engine/engine.ts';
import { isNotFound, messageOf } from '../engine/engine-error.ts';
import type { Log } from '../logging/log.ts';
import { type NodeScope, scopeLabels } from './container-identity.ts';
import { type ObservedContainer, observe, vanished } from './observed-container.ts';

/** Lists everything anew this often, in case an event was lost on the way. */
const relistMs = 60_000;
const reconnectMsMin = 50;
const reconnectMsMax = 2000;

export interface ContainerTableOptions {
  readonly engine: Engine;
  readonly world: World;
  readonly scope: NodeScope;
  readonly log: Log;
  /** Something of this pod has changed. */
  readonly onChange: (uid: string) => void;
  /** The engine answers, or does so no longer. */
  readonly onHealth: (healthy: boolean) => void;
}

/**
 * What the engine has of this node, kept up to date by its events. Containers that somebody else removed stay as `removed` until a newer
 * attempt takes their place, so that nobody mistakes them for never started.
 */
export class ContainerTable implements AsyncDisposable {
  readonly #options: ContainerTableOptions;
  readonly #byId = new Map<string, ObservedContainer>();
  readonly #byUid = new Map<string, Set<string>>();
  /** Per container, when the newest of its records was asked for: an answer that was overtaken is dropped. */
  readonly #askedAt = new Map<string, number>();
  #questions = 0;
  readonly #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(options: ContainerTableOptions) {
    this.#options = options;
  }

  /** Resolves when the first listing is complete; waits as long as the engine takes to answer. */
  static async open(options: ContainerTableOptions): Promise<ContainerTable> {
    const table = new ContainerTable(options);
    const listed = Promise.withResolvers<void>();
    table.#watching = table.#watch(() => listed.resolve());
    await listed.promise;
    return table;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  /** All containers of a pod, in no order. */
  ofPod(uid: string): readonly ObservedContainer[] {
    return [...(this.#byUid.get(uid) ?? [])].flatMap((id) => this.#byId.get(id) ?? []);
  }

  /** Every pod that has a container here. */
  uids(): readonly string[] {
    return [...this.#byUid.keys()];
  }

  get(containerId: string): ObservedContainer | undefined {
    return this.#byId.get(containerId);
  }

  /** Every container that exists; those that somebody removed are left out. */
  existing(): readonly ObservedContainer[] {
    return [...this.#byId.values()].filter(({ removed }) => !removed);
  }

  /** Looks at one container now, after we have changed it. Throws when the engine does not answer. */
  async refresh(containerId: string, exitCode?: number): Promise<void> {
    const question = ++this.#questions;
    try {
      const observed = observe(await this.#options.engine.inspect(containerId));
      if (observed !== undefined) this.#put(observed, question);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#vanish(containerId, exitCode);
    }
  }

  /** We removed it ourselves: nothing is left to tell of it. */
  forget(containerId: string): void {
    const known = this.#byId.get(containerId);
    this.#askedAt.set(containerId, ++this.#questions);
    if (known === undefined) return;
    this.#byId.delete(containerId);
    const siblings = this.#byUid.get(known.identity.uid);
    siblings?.delete(containerId);
    if (siblings?.size === 0) this.#byUid.delete(known.identity.uid);
    this.#options.onChange(known.identity.uid);
  }

  #put(container: ObservedContainer, question: number): void {
    if (question < (this.#askedAt.get(container.id) ?? 0)) return;
    this.#askedAt.set(container.id, question);
    const { uid } = container.identity;
    const known = this.#byId.get(container.id);
    this.#byId.set(container.id, container);
    const siblings = this.#byUid.get(uid) ?? new Set();
    this.#byUid.set(uid, siblings.add(container.id));
    if (known === undefined) this.#forgetReplaced(container);
    if (known === undefined || known.state.kind !== container.state.kind) this.#options.onChange(uid);
  }

  #forgetReplaced(container: ObservedContainer): void {
    for (const other of this.ofPod(container.identity.uid)) {
      if (other.removed && roleName(other) === roleName(container)) this.forget(other.id);
    }
  }

  #vanish(containerId: string, exitCode?: number): void {
    const known = this.#byId.get(containerId);
    if (known === undefined || known.removed) return;
    this.#byId.set(containerId, vanished(known, this.#options.world.clock.wallMs(), exitCode));
    this.#options.onChange(known.identity.uid);
  }

  async #watch(onListed: () => void): Promise<void> {
    const { engine, world, scope, log, onHealth } = this.#options;
    const { signal } = this.#stop;
    let pauseMs = reconnectMsMin;
    while (!signal.aborted) {
      try {
        const watcher = {
          opened: () => {
            onHealth(true);
            pauseMs = reconnectMsMin;
            this.#follow(this.#relist().then(onListed));
          },
          event: (event: EngineEvent) => this.#follow(this.#onEvent(event)),
        };
        const watching = engine.watch(scopeLabels(scope), watcher, signal);
        using _relist = world.timers.every(relistMs, () => this.#follow(this.#relist()));
        await watching;
      } catch (error) {
        if (pauseMs === reconnectMsMin) log.warn({ error: messageOf(error) }, 'lost sight of the container engine');
      }
      if (signal.aborted) return;
      onHealth(false);
      await world.timers.sleep(pauseMs, signal).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, reconnectMsMax);
    }
  }

  async #onEvent(event: EngineEvent): Promise<void> {
    const known = this.#byId.get(event.containerId);
    switch (event.kind) {
      case 'started':
        if (known?.state.kind !== 'running') await this.refresh(event.containerId);
        return;
      case 'died':
        await this.refresh(event.containerId, event.exitCode);
        return;
      case 'removed':
        this.#vanish(event.containerId);
    }
  }

  async #relist(): Promise<void> {
    const { engine, scope } = this.#options;
    const question = ++this.#questions;
    const missing = new Set(this.#byId.keys());
    const records = await engine.list(scopeLabels(scope));
    for (const record of records) {
      const observed = observe(record);
      if (observed !== undefined) this.#put(observed, question);
      missing.delete(record.id);
    }
    for (const id of missing) this.#vanish(id);
    for (const [id, askedAt] of this.#askedAt) {
      if (askedAt < question && !this.#byId.has(id)) this.#askedAt.delete(id);
    }
  }

  /** A look that failed is made up for by the next listing. */
  #follow(look: Promise<void>): void {
    look.catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#options.log.debug({ error }, 'a look at the engine failed');
    });
  }
}

function roleName({ identity }: ObservedContainer): string {
  return identity.role === 'sandbox' ? '' : identity.container;
}
