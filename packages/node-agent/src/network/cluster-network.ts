import { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import type { HostCommands } from '../host/host-commands.ts';
import type { Log } from '../logging/log.ts';
import type { NodeScope } from '../pod/container-identity.ts';
import { dropFlows, staleFlows } from './connection-tracking.ts';
import { serviceTableName } from './interface-names.ts';
import { type Cidr, formatCidr } from './ipv4.ts';
import { machineAddresses } from './machine-addresses.ts';
import { NetworkOwnership } from './network-ownership.ts';
import type { NftTool } from './nft-tool.ts';
import { applyRoutes, neededRoutes } from './node-routes.ts';
import { type Ruleset, rulesetChange, rulesetReplacement } from './ruleset.ts';
import { serviceRuleset } from './service-ruleset.ts';
import { serviceTargets } from './service-targets.ts';

const retryMs = 1000;
/** The owner gets this long to hear of a table by itself before a neighbour hands it over. */
const handOverMs = 1500;

export interface ClusterNetworkOptions {
  readonly commands: HostCommands;
  readonly nft: NftTool;
  readonly scope: NodeScope;
  /** All pods of the cluster. */
  readonly podCidr: Cidr;
  readonly serviceCidr: Cidr | undefined;
  readonly world: World;
  readonly log: Log;
  /** The kernel of this node routes as this version says. */
  readonly onApplied: (version: number) => void;
  /** Other agents have come to share this network, or none does any more. */
  readonly onSharing: () => void;
}

/**
 * Services and routes of the cluster in the kernel. Agents that share a network namespace share the tables too: one of them writes,
 * the others wait for its word.
 */
export class ClusterNetwork implements Disposable {
  readonly #options: ClusterNetworkOptions;
  readonly #table: string;
  readonly #ownership: NetworkOwnership;
  #wanted: agentV1.NetworkTable | undefined;
  #nodes: readonly string[] = [];
  /** What the kernel has, if we put it there. */
  #applied: { readonly table: agentV1.NetworkTable; readonly ruleset: Ruleset } | undefined;
  /** Addresses that the kernel gives new connections to, whoever told it so. */
  #served: ReadonlySet<string> = new Set();
  #dirty = false;
  #working: Promise<void> | undefined;
  #handOver: Disposable | undefined;
  #closed = false;

  constructor(options: ClusterNetworkOptions) {
    this.#options = options;
    const { scope, world, log } = options;
    this.#table = serviceTableName(scope.clusterId);
    this.#ownership = new NetworkOwnership({
      clusterId: scope.clusterId,
      nodeName: scope.nodeName,
      world,
      log,
      onOwner: () => this.#becomeOwner(),
      onNodes: (nodes) => this.#shareWith(nodes),
      onApplied: (version) => this.#heardApplied(version),
      onTable: (encoded) => this.#take(agentV1.NetworkTable.decode(Buffer.from(encoded, 'base64'))),
    });
  }

  /** Leaves the kernel as it is: pods and services go on without us. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#handOver?.[Symbol.dispose]();
    this.#ownership[Symbol.dispose]();
  }

  /** The newest table known here, whether the kernel has it already or not. */
  get current(): agentV1.NetworkTable | undefined {
    return this.#wanted;
  }

  get isOwner(): boolean {
    return this.#ownership.isOwner;
  }

  /** Other agents of this cluster live in the same network namespace. */
  get isShared(): boolean {
    return !this.#ownership.isOwner || this.#nodes.length > 1;
  }

  isServed(podIp: string): boolean {
    return this.#served.has(podIp);
  }

  /** A table from a server. An older one than is known already is ignored: that server is behind. */
  offer(table: agentV1.NetworkTable): void {
    this.#take(table);
    if (this.#ownership.isOwner) return;
    this.#handOver?.[Symbol.dispose]();
    this.#handOver = this.#options.world.timers.after(handOverMs, () => {
      const encoded = Buffer.from(agentV1.NetworkTable.encode(table).finish()).toString('base64');
      this.#ownership.offerTable(encoded);
    });
  }

  /** Looks whether the table still stands, and puts it back when somebody else has flushed it. */
  async verify(): Promise<void> {
    if (!this.#ownership.isOwner || this.#applied === undefined) return;
    const tables = await this.#options.commands.run('nft', ['list', 'tables', 'ip']);
    if (!tables.includes(`table ip ${this.#table}\n`)) this.#renew();
  }

  #renew(): void {
    this.#applied = undefined;
    this.#apply();
  }

  #take(table: agentV1.NetworkTable): void {
    if (this.#wanted !== undefined && table.version < this.#wanted.version) return;
    this.#wanted = table;
    this.#apply();
  }

  #becomeOwner(): void {
    this.#options.log.info({ table: this.#table }, 'keeping the service table of this machine');
    this.#renew();
  }

  #shareWith(nodes: readonly string[]): void {
    this.#nodes = nodes;
    this.#options.onSharing();
    this.#apply();
  }

  #heardApplied(version: number): void {
    if (this.#wanted === undefined || version < this.#wanted.version) return;
    this.#handOver?.[Symbol.dispose]();
    this.#confirm(this.#wanted);
  }

  #confirm(table: agentV1.NetworkTable): void {
    const targets = serviceTargets(table.services, []);
    this.#served = new Set(targets.flatMap(({ endpoints }) => endpoints.map(({ ip }) => ip)));
    this.#options.onApplied(table.version);
  }

  #apply(): void {
    this.#dirty = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#dirty && this.#ownership.isOwner && this.#wanted !== undefined && !this.#closed) this.#apply();
    });
  }

  async #work(): Promise<void> {
    // Whatever comes in while the kernel is busy is one change afterwards.
    while (this.#dirty && this.#wanted !== undefined && this.#ownership?.isOwner && !this.#closed) {
      this.#dirty = false;
      try {
        await this.#bring(this.#wanted);
      } catch (error) {
        this.#options.log.error({ error }, 'the kernel refused the service table; trying again as a whole');
        this.#applied = undefined;
        this.#dirty = true;
        await this.#options.world.timers.sleep(retryMs);
      }
    }
  }

  async #bring(table: agentV1.NetworkTable): Promise<void> {
    const { commands, nft, podCidr, serviceCidr } = this.#options;
    const addresses = await machineAddresses(commands);
    const localNodes = table.routes.filter(
      ({ nodeName, nodeIp }) => addresses.isOwn(nodeIp) || this.#nodes.includes(nodeName),
    );
    const ruleset = serviceRuleset({
      services: table.services,
      podCidrs: [formatCidr(podCidr)],
      localNodes,
      serviceCidr: serviceCidr === undefined ? undefined : formatCidr(serviceCidr),
    });
    const before = this.#applied;
    const change =
      before === undefined
        ? rulesetReplacement(this.#table, ruleset)
        : rulesetChange(this.#table, before.ruleset, ruleset);
    await nft.apply(change);
    const remote = table.routes.filter((route) => !localNodes.includes(route));
    await applyRoutes(commands, podCidr, neededRoutes(remote, addresses));
    this.#applied = { table, ruleset };
    this.#ownership.tellApplied(table.version);
    this.#confirm(table);
    if (before !== undefined) await dropFlows(commands, staleFlows(before.table.services, table.services));
  }
}
