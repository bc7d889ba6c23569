import type { HostCommands } from '../host/host-commands.ts';
import type { NodeScope } from '../pod/container-identity.ts';
import type { ObservedContainer } from '../pod/observed-container.ts';
import { dropFlows } from './connection-tracking.ts';
import { parseHostPorts } from './host-ports.ts';
import { bridgeName, nodeTableName } from './interface-names.ts';
import type { NftTool } from './nft-tool.ts';
import { nodeRuleset, type OpenedPort } from './node-ruleset.ts';
import { type Ruleset, rulesetChange, rulesetReplacement } from './ruleset.ts';

export interface NodeTableOptions {
  readonly commands: HostCommands;
  readonly nft: NftTool;
  readonly scope: NodeScope;
  /** Addresses at which host ports are open; empty = all of the machine. */
  readonly nodeIps: () => readonly string[];
  readonly sandboxes: () => Iterable<ObservedContainer>;
}

/** Keeps this node's own table in the kernel: it follows from the labels of the running sandboxes. */
export class NodeTable {
  readonly #options: NodeTableOptions;
  readonly #name: string;
  #applied: { readonly ruleset: Ruleset; readonly ports: readonly OpenedPort[] } | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: NodeTableOptions) {
    this.#options = options;
    this.#name = nodeTableName(options.scope);
  }

  /** Resolves when the kernel agrees with the sandboxes as they are now. Rejects when it refuses. */
  apply(): Promise<void> {
    const next = this.#working.catch(() => undefined).then(() => this.#bring());
    this.#working = next;
    return next;
  }

  /** Puts everything into the kernel anew. */
  renew(): Promise<void> {
    this.#applied = undefined;
    return this.apply();
  }

  /** Looks whether the table still stands, and puts it back when somebody else has flushed it. */
  async verify(): Promise<void> {
    const tables = await this.#options.commands.run('nft', ['list', 'tables', 'ip']);
    if (!tables.includes(`table ip ${this.#name}\n`)) await this.renew();
  }

  /** True when some pod's port would have to be opened or closed. */
  get isStale(): boolean {
    return JSON.stringify(this.#applied?.ports ?? []) !== JSON.stringify(this.#ports());
  }

  async #bring(): Promise<void> {
    const { commands, nft, nodeIps, scope } = this.#options;
    const ports = this.#ports();
    const ruleset = nodeRuleset({ bridge: bridgeName(scope), openedPorts: ports, nodeIps: nodeIps() });
    const before = this.#applied;
    await nft.apply(
      before === undefined
        ? rulesetReplacement(this.#name, ruleset)
        : rulesetChange(this.#name, before.ruleset, ruleset),
    );
    this.#applied = { ruleset, ports };
    const open = new Set(ports.map((port) => JSON.stringify(port)));
    const closed = (before?.ports ?? []).filter((port) => port.protocol === 'udp' && !open.has(JSON.stringify(port)));
    await dropFlows(
      commands,
      closed.map(({ podIp, containerPort }) => ({ protocol: 'udp', ip: podIp, port: containerPort })),
    );
  }

  #ports(): readonly OpenedPort[] {
    return [...this.#options.sandboxes()].flatMap(({ identity, state }) =>
      identity.role === 'sandbox' && state.kind === 'running' && identity.podIp !== ''
        ? parseHostPorts(identity.hostPorts).map((port) => ({ ...port, podIp: identity.podIp }))
        : [],
    );
  }
}
