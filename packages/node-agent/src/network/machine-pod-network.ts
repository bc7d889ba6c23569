import type { Pod } from '@berth/api';
import type { World } from '@berth/world';
import { messageOf } from '../engine/engine-error.ts';
import type { HostCommands } from '../host/host-commands.ts';
import type { Log } from '../logging/log.ts';
import type { NodeScope } from '../pod/container-identity.ts';
import type { ObservedContainer } from '../pod/observed-container.ts';
import { type AddressReservation, type PodNetwork, PodStepError } from '../pod/pod-ports.ts';
import { AddressPool, gatewayOf } from './address-pool.ts';
import { allowForwarding } from './forward-rules.ts';
import { bridgeName, wireName } from './interface-names.ts';
import { type Cidr, formatCidr } from './ipv4.ts';
import { machineMtu } from './machine-mtu.ts';
import type { NftTool } from './nft-tool.ts';
import { ensureBridge } from './node-bridge.ts';
import { NodeTable } from './node-table.ts';
import { wirePod } from './pod-wiring.ts';

/** A node without a range cannot have pods; so long one waits for the other. */
const rangeLimitMs = 10_000;

export interface MachinePodNetworkOptions {
  readonly commands: HostCommands;
  readonly nft: NftTool;
  readonly world: World;
  readonly log: Log;
  readonly scope: NodeScope;
  /** Addresses at which host ports are open; empty = all of the machine. */
  readonly hostPortIps: () => readonly string[];
  /** Containers of this node that exist now. */
  readonly containers: () => readonly ObservedContainer[];
}

/** Pod network of a real machine: the node's bridge, an address and a wire for every sandbox, host ports. */
export class MachinePodNetwork implements PodNetwork {
  readonly #options: MachinePodNetworkOptions;
  readonly #bridge: string;
  readonly #nodeTable: NodeTable;
  readonly #ready = Promise.withResolvers<void>();
  #range: Cidr | undefined;
  #pool: AddressPool | undefined;
  #mtu = 1500;
  #wired: Promise<Set<string>> | undefined;

  constructor(options: MachinePodNetworkOptions) {
    this.#options = options;
    this.#bridge = bridgeName(options.scope);
    const { commands, nft, scope, hostPortIps: nodeIps, containers: sandboxes } = options;
    this.#nodeTable = new NodeTable({ commands, nft, scope, nodeIps, sandboxes });
  }

  /** Address of the bridge; empty until the node has a range. */
  get gateway(): string {
    return this.#range === undefined ? '' : gatewayOf(this.#range);
  }

  /** The node has got its range, which never changes while the node exists. Rejects when the kernel refuses; call again then. */
  async open(range: Cidr): Promise<void> {
    const { commands, containers } = this.#options;
    await ensureBridge(commands, this.#bridge, range);
    await allowForwarding(commands, this.#bridge);
    await this.#nodeTable.renew();
    this.#mtu = await machineMtu();
    this.#range = range;
    this.#pool = new AddressPool(range, () =>
      containers().flatMap(({ identity }) => (identity.role === 'sandbox' ? [identity.podIp] : [])),
    );
    this.#ready.resolve();
  }

  async reserve(_uid: string): Promise<AddressReservation> {
    await this.#opened();
    const pool = this.#pool;
    const podIp = pool?.reserve();
    if (pool === undefined || podIp === undefined) {
      const range = this.#range === undefined ? '' : formatCidr(this.#range);
      throw new PodStepError('FailedCreatePodSandBox', `no address is free in this node's range ${range}`);
    }
    return { podIp, [Symbol.dispose]: () => pool.release(podIp) };
  }

  async attach(
    pod: Pod,
    sandbox: { readonly id: string; readonly pid: number; readonly podIp: string },
  ): Promise<void> {
    await this.#opened();
    const { commands, world } = this.#options;
    if (this.#nodeTable.isStale) await this.#nodeTable.apply();
    // Sandboxes that were there before this process are asked for once; from then on we know what we have wired.
    this.#wired ??= wiresInPlace(commands, this.#bridge);
    const wired = await this.#wired;
    const name = wireName(sandbox.id);
    if (wired.has(name)) return;
    const { gateway } = this;
    const { id: sandboxId, pid, podIp } = sandbox;
    const wire = { sandboxId, pid, podIp, gateway, bridge: this.#bridge, mtu: this.#mtu, sysctls: networkSysctls(pod) };
    await wirePod(commands, world, wire);
    wired.add(name);
  }

  async #opened(): Promise<void> {
    const late = Promise.withResolvers<never>();
    using _limit = this.#options.world.timers.after(rangeLimitMs, () => {
      late.reject(
        new PodStepError('FailedCreatePodSandBox', 'the node has no range of pod addresses (spec.podCIDR) yet'),
      );
    });
    await Promise.race([this.#ready.promise, late.promise]);
  }

  /** A sandbox may have gone: its wire went with it, and its host ports are closed. */
  containersChanged(): void {
    void this.#wired?.then((wired) => {
      const alive = new Set(this.#options.containers().map(({ id }) => wireName(id)));
      for (const name of wired) if (!alive.has(name)) wired.delete(name);
    });
    if (this.#nodeTable.isStale) this.applyHostPorts();
  }

  /** The addresses at which host ports are open may have changed. */
  applyHostPorts(): void {
    if (this.#range === undefined) return;
    this.#nodeTable.apply().catch((error: unknown) => {
      this.#options.log.error({ error: messageOf(error) }, 'host ports could not be changed');
    });
  }

  /** Puts back what somebody else may have thrown out of the kernel. */
  async repair(): Promise<void> {
    if (this.#range === undefined) return;
    await ensureBridge(this.#options.commands, this.#bridge, this.#range);
    await allowForwarding(this.#options.commands, this.#bridge);
    await this.#nodeTable.verify();
  }
}

function networkSysctls(pod: Pod): Readonly<Record<string, string>> {
  const all = pod.spec.securityContext?.sysctls ?? [];
  return Object.fromEntries(all.filter(({ name }) => name.startsWith('net.')).map(({ name, value }) => [name, value]));
}

/**
 * Wires that are complete. One whose far end was never set up has no carrier; an agent that died in between left it, and it is
 * made anew.
 */
async function wiresInPlace(commands: HostCommands, bridge: string): Promise<Set<string>> {
  const links = JSON.parse(await commands.run('ip', ['-json', 'link', 'show', 'master', bridge])) as readonly {
    readonly ifname: string;
    readonly flags: readonly string[];
  }[];
  return new Set(links.filter(({ flags }) => flags.includes('LOWER_UP')).map(({ ifname }) => ifname));
}
