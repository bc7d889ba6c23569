import { ApiError, formatTime, type Node, type NodeStatus, type Stored } from '@berth/api';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import type { ObjectCache } from '../registry/object-cache.ts';
import type { Registry, StoredObject, WriteContext } from '../registry/registry.ts';
import { mergedNode, mergedNodeStatus, type NodeReport, newNode } from './node-description.ts';
import { mayRetry, retryPause } from './retry-pause.ts';

export interface NodeRegistrationOptions {
  readonly registry: Registry;
  readonly cache: Pick<ObjectCache, 'get'>;
  readonly world: World;
  readonly log: Logger;
  readonly nodeName: string;
  readonly context: WriteContext;
  /** The node as its agent describes itself in the hello. */
  readonly node: Node;
  /** Aborted when the session ends: from then on another server may speak for this node. */
  readonly signal: AbortSignal;
}

/**
 * Keeps the Node object as its agent says it is, for as long as the session lasts: made when missing, Ready whenever somebody
 * wrote otherwise. Level-triggered: `wake` it when something may have changed, it compares and writes.
 */
export class NodeRegistration {
  readonly #options: NodeRegistrationOptions;
  #status: NodeStatus = {};
  #isDirty = true;
  #isWorking = false;

  constructor(options: NodeRegistrationOptions) {
    this.#options = options;
    this.wake();
  }

  /** Takes in a later status message of the agent. */
  update(status: NodeStatus): void {
    this.#status = { ...this.#status, ...status };
    this.wake();
  }

  wake(): void {
    this.#isDirty = true;
    if (this.#isWorking || this.#options.signal.aborted) return;
    this.#isWorking = true;
    void this.#work().finally(() => {
      this.#isWorking = false;
    });
  }

  async #work(): Promise<void> {
    const { log, nodeName, signal, world } = this.#options;
    let attempt = 0;
    while (this.#isDirty && !signal.aborted) {
      this.#isDirty = false;
      try {
        await this.#reconcile();
        attempt = 0;
      } catch (error) {
        log.warn({ node: nodeName, err: error }, 'the Node object could not be written');
        if (!mayRetry(error)) return;
        this.#isDirty = true;
        await retryPause(world.timers, attempt++, signal).catch(() => undefined);
      }
    }
  }

  async #reconcile(): Promise<void> {
    const { cache, context, nodeName, registry } = this.#options;
    const current = cache.get<Stored<Node>>('nodes', nodeName) ?? (await this.#create());
    if (current === undefined) return;
    const ref = { resource: 'nodes', name: nodeName };
    // The cache decides whether a write is worth while; the write itself is made on what is stored.
    if (mergedNode(current, this.#report()) !== undefined)
      await registry.modify(ref, 'object', (stored) => mergedNode(asNode(stored), this.#report()), context);
    if (this.#withStatus(current) !== undefined)
      await registry.modify(ref, 'status', (stored) => this.#withStatus(asNode(stored)), context);
  }

  /** Undefined when the object exists although the cache does not have it yet: its arrival there will wake us. */
  async #create(): Promise<Stored<Node> | undefined> {
    const { context, nodeName, registry } = this.#options;
    try {
      return asNode(await registry.create('nodes', undefined, newNode(nodeName, this.#report()), context));
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'AlreadyExists') return undefined;
      throw error;
    }
  }

  #withStatus(node: Stored<Node>): Stored<Node> | undefined {
    return mergedNodeStatus(node, this.#report(), formatTime(this.#options.world.clock.wallMs()));
  }

  #report(): NodeReport {
    return { node: this.#options.node, status: this.#status };
  }
}

function asNode(object: StoredObject): Stored<Node> {
  return object as unknown as Stored<Node>;
}
