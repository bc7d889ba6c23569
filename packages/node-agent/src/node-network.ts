import type { Node } from '@berth/api';
import type { World } from '@berth/world';
import { ClusterZone } from './dns/cluster-zone.ts';
import { DnsForwarder } from './dns/dns-forwarder.ts';
import { DnsResponder } from './dns/dns-responder.ts';
import { DnsServer } from './dns/dns-server.ts';
import { machineResolver } from './dns/machine-resolver.ts';
import { messageOf } from './engine/engine-error.ts';
import type { NodeIdentity } from './identity/node-identity.ts';
import type { Log } from './logging/log.ts';
import type { Machine } from './machine.ts';
import { ClusterNetwork } from './network/cluster-network.ts';
import { type Cidr, parseCidr } from './network/ipv4.ts';
import { MachinePodNetwork } from './network/machine-pod-network.ts';
import type { NodeScope } from './pod/container-identity.ts';
import type { ObservedContainer } from './pod/observed-container.ts';

const dnsPort = 53;
const retryMs = 1000;
/** Others flush packet filters too; this often we look whether ours still stand. */
const repairMs = 60_000;

export interface NodeNetworkOptions {
  readonly machine: Machine;
  readonly identity: NodeIdentity;
  readonly scope: NodeScope;
  readonly nodeIp: string;
  readonly world: World;
  readonly log: Log;
  readonly containers: () => readonly ObservedContainer[];
  readonly onApplied: (version: number) => void;
}

/** All of the node's network: wires of pods, services, host ports, names. */
export class NodeNetwork implements AsyncDisposable {
  readonly pods: MachinePodNetwork;
  readonly cluster: ClusterNetwork;
  readonly #options: NodeNetworkOptions;
  readonly #stop = new AbortController();
  readonly #repairs: Disposable;
  #zone: ClusterZone;
  #zoneVersion = -1;
  #opening: Promise<void> | undefined;
  #dns: DnsServer | undefined;

  constructor(options: NodeNetworkOptions) {
    this.#options = options;
    const { machine, identity, scope, nodeIp, world, log, containers, onApplied } = options;
    const { commands, nft } = machine;
    const { podCidr, serviceCidr, clusterDomain } = identity.settings;
    this.#zone = new ClusterZone(clusterDomain, { services: [] });
    const hostPortIps = () => (this.cluster.isShared ? [nodeIp] : []);
    this.pods = new MachinePodNetwork({ commands, nft, world, log, scope, hostPortIps, containers });
    this.cluster = new ClusterNetwork({
      commands,
      nft,
      scope,
      podCidr: parseCidr(podCidr),
      serviceCidr: parseCidr(serviceCidr),
      world,
      log,
      onApplied,
      onSharing: () => this.pods.applyHostPorts(),
    });
    this.#repairs = world.timers.every(repairMs, () => this.#repair());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#repairs[Symbol.dispose]();
    this.cluster[Symbol.dispose]();
    await this.#opening;
    await this.#dns?.[Symbol.asyncDispose]();
  }

  /** The node has a range and answers questions about names. */
  get isOpen(): boolean {
    return this.#dns !== undefined;
  }

  /** Names and the name server's address as pods are told. */
  resolver(): { readonly address: string; readonly clusterDomain: string } {
    return { address: this.pods.gateway, clusterDomain: this.#options.identity.settings.clusterDomain };
  }

  /** The node's object may tell its range; what is open stays open. */
  nodeChanged(node: Node): void {
    const range = rangeOf(node);
    if (range !== undefined) this.#opening ??= this.#open(range);
  }

  async #open(range: Cidr): Promise<void> {
    const { log, world } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        await this.pods.open(range);
        await this.#openDns();
        return;
      } catch (error) {
        log.error({ error: messageOf(error) }, "the node's network could not be set up; trying again");
        await world.timers.sleep(retryMs, this.#stop.signal).catch(() => undefined);
      }
    }
  }

  async #openDns(): Promise<void> {
    const { machine, world, log } = this.#options;
    const { filePrefix } = machine.commands;
    const forwarder = new DnsForwarder(world, async () => (await machineResolver(filePrefix)).nameservers);
    const responder = new DnsResponder({ zone: () => this.#currentZone(), forwarder, world });
    this.#dns = await DnsServer.open({ address: this.pods.gateway, port: dnsPort, responder, world, log });
  }

  /** Made anew for the first question after a change. */
  #currentZone(): ClusterZone {
    const table = this.cluster.current;
    if (table !== undefined && table.version !== this.#zoneVersion) {
      this.#zone = new ClusterZone(this.#options.identity.settings.clusterDomain, table);
      this.#zoneVersion = table.version;
    }
    return this.#zone;
  }

  #repair(): void {
    Promise.all([this.pods.repair(), this.cluster.verify()]).catch((error: unknown) => {
      this.#options.log.error({ error: messageOf(error) }, "the node's network could not be looked after");
    });
  }
}

function rangeOf({ spec }: Node): Cidr | undefined {
  const text = spec.podCIDR;
  return text === undefined || text === '' ? undefined : parseCidr(text);
}
