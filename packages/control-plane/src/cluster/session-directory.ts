import type { NodeSession } from '@berth/controllers';
import type { Clock } from '@berth/world';

/** One agent's session as its server tells of it. */
export interface ReportedSession {
  readonly nodeName: string;
  readonly connected: boolean;
}

interface KnownNode {
  /** Servers that say they have a session of this node; two while an agent moves. */
  readonly servers: Set<string>;
  sinceMonotonicMs: number;
}

/**
 * Which agents are connected anywhere, as the leader has heard since it reigns. Only in memory: a new leader learns
 * everything anew within a second, and liveness never goes through the log.
 */
export class SessionDirectory {
  readonly #clock: Clock;
  readonly #nodes = new Map<string, KnownNode>();
  readonly #listeners = new Set<(nodeName: string) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: not heard of since this reign began. */
  get(nodeName: string): NodeSession | undefined {
    const node = this.#nodes.get(nodeName);
    return node === undefined
      ? undefined
      : { connected: node.servers.size > 0, sinceMonotonicMs: node.sinceMonotonicMs };
  }

  /** Called with the name of a node whose `connected` has changed. */
  onChange(listener: (nodeName: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Everything a server has: what it had before and does not name any more has ended. */
  replace(serverName: string, sessions: readonly ReportedSession[]): void {
    const present = new Set(sessions.filter(({ connected }) => connected).map(({ nodeName }) => nodeName));
    for (const [nodeName, { servers }] of this.#nodes)
      if (servers.has(serverName) && !present.has(nodeName)) this.#set(serverName, nodeName, false);
    for (const nodeName of present) this.#set(serverName, nodeName, true);
  }

  update(serverName: string, sessions: readonly ReportedSession[]): void {
    for (const { nodeName, connected } of sessions) this.#set(serverName, nodeName, connected);
  }

  /** A server is not heard of any more: neither are its agents, until they turn up elsewhere. */
  lose(serverName: string): void {
    this.replace(serverName, []);
  }

  /** A reign begins or ends. */
  clear(): void {
    this.#nodes.clear();
  }

  #set(serverName: string, nodeName: string, connected: boolean): void {
    let node = this.#nodes.get(nodeName);
    const wasConnected = node === undefined ? undefined : node.servers.size > 0;
    if (node === undefined) {
      node = { servers: new Set(), sinceMonotonicMs: 0 };
      this.#nodes.set(nodeName, node);
    }
    if (connected) node.servers.add(serverName);
    else node.servers.delete(serverName);
    if (node.servers.size > 0 === wasConnected) return;
    node.sinceMonotonicMs = this.#clock.monotonicMs();
    for (const listener of this.#listeners) listener(nodeName);
  }
}
