import type { Node, PodAffinity, PodAffinityTerm } from '@berth/api';
import { Devices, standardDeviceResources } from '../device/devices.ts';
import type { GangFocus } from '../gang/gang-focus.ts';
import { type NodeFacts, nodeFacts, sameLabels } from '../node/node-facts.ts';
import { hashOfName } from '../node/node-order.ts';
import { NodeTable } from '../node/node-table.ts';
import { PortTable } from '../node/port-table.ts';
import { ResourceTable } from '../node/resource-table.ts';
import { resolveTerm } from '../pod/affinity-term.ts';
import { type LabelSet, LabelSets } from '../pod/label-set.ts';
import { NamespaceTable } from '../pod/namespace-table.ts';
import { amountsOf } from '../pod/pod-requests.ts';
import { PodSpecs, type SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, PodTable } from '../pod/pod-table.ts';
import type { CarriedTerm, Counter } from '../topology/counter.ts';
import { Topology } from '../topology/topology.ts';
import { ClaimTable, type VolumeClaim } from '../volume/claim-table.ts';

export interface ClusterOptions {
  readonly nodeOrder?: (name: string) => number;
  /** Resources whose units are devices with numbers. */
  readonly deviceResources?: readonly string[];
}

const nothingGiven: ReadonlyMap<string, number> = new Map();
const noCounters: readonly Counter[] = [];

/**
 * Everything known of nodes and pods, in the form in which rules read it. It answers no question by itself and decides
 * nothing; all changes go through here, so that columns, chains and counters agree at every moment.
 */
export class Cluster {
  readonly resources: ResourceTable = new ResourceTable();
  readonly nodes: NodeTable;
  readonly pods: PodTable = new PodTable();
  readonly ports: PortTable = new PortTable();
  readonly namespaces: NamespaceTable = new NamespaceTable();
  readonly claims: ClaimTable = new ClaimTable();
  readonly devices: Devices;
  readonly specs: PodSpecs;
  readonly labelSets: LabelSets = new LabelSets();
  readonly topology: Topology;
  /** Raised by every change that lasts: what was refused may be tried again then. */
  version = 0;
  readonly gangFocus: GangFocus = { domain: -1 };
  /** No pod was ever placed that has a lower one. */
  lowestPriority: number = Number.POSITIVE_INFINITY;

  constructor({ nodeOrder = hashOfName, deviceResources = standardDeviceResources }: ClusterOptions = {}) {
    this.nodes = new NodeTable(nodeOrder, this.resources.count);
    this.devices = new Devices(deviceResources);
    this.specs = new PodSpecs(this.resources, deviceResources);
    this.topology = new Topology(this.nodes, this.pods, this.labelSets);
  }

  /** Adds or renews a node; answers its slot. */
  putNode(node: Node): number {
    const facts = nodeFacts(node);
    const allocatable = amountsOf(node.status?.allocatable ?? node.status?.capacity, this.resources);
    this.nodes.widen(this.resources.count);
    const headBefore = this.nodes.changes.head;
    let slot = this.nodes.slotOf(facts.name);
    if (slot < 0) {
      slot = this.nodes.add(facts);
      this.pods.reserveNodes(this.nodes.capacity);
      this.topology.nodeEntered(slot, true);
    } else if (this.nodes.differs(facts)) {
      this.relabel(slot, facts);
    }
    this.nodes.setAllocatable(slot, allocatable);
    if (this.nodes.changes.head !== headBefore) this.version += 1;
    this.#setDevices(slot);
    return slot;
  }

  /** Gives a node other facts; its pods are counted by them from now on. */
  relabel(slot: number, facts: NodeFacts): void {
    const residents = this.podsOn(slot);
    const before = this.nodes.facts[slot];
    const isMoved = before === undefined || !sameLabels(before.labels, facts.labels);
    for (const pod of residents) this.#count(pod, slot, -1);
    this.topology.nodeLeft(slot, isMoved);
    this.nodes.setFacts(slot, facts);
    this.topology.nodeEntered(slot, isMoved);
    for (const pod of residents) this.#count(pod, slot, 1);
    this.version += 1;
  }

  /** Pods still on the node are on none afterwards; they are given to `onLeft`. */
  removeNode(slot: number, onLeft: (pod: PodId) => void): void {
    for (const pod of this.podsOn(slot)) {
      this.unplace(pod);
      onLeft(pod);
    }
    this.topology.nodeLeft(slot, true);
    this.nodes.remove(slot);
    this.version += 1;
  }

  /** A copy: the caller may move pods while walking it. */
  podsOn(slot: number): readonly PodId[] {
    const found: PodId[] = [];
    for (let pod = this.pods.firstOnNode[slot] as number; pod >= 0; pod = this.pods.nextOnNode[pod] as number)
      found.push(pod);
    return found;
  }

  /**
   * Counts a pod on a node. It may be more than fits: what is bound is bound. `given` are devices that were chosen for
   * it, by resource.
   */
  place(pod: PodId, slot: number, given: ReadonlyMap<string, number> = nothingGiven): void {
    this.pods.link(pod, slot);
    const { devices } = this.pods.specs[pod] as SpecFacts;
    if (devices.length > 0) this.devices.assign(pod, slot, devices, given);
    this.resume(pod);
    const { priority } = this.pods.specs[pod] as SpecFacts;
    if (priority < this.lowestPriority) this.lowestPriority = priority;
    this.nodes.changes.touch(slot);
    this.version += 1;
  }

  unplace(pod: PodId): void {
    const slot = this.pods.slot[pod] as number;
    this.suspend(pod);
    this.pods.unlink(pod);
    this.nodes.changes.touch(slot);
    this.nodes.relieved.touch(slot);
    this.version += 1;
  }

  /** Thinks a placed pod away. Nobody is told: whoever does it takes it back before anything else is asked. */
  suspend(pod: PodId): void {
    const spec = this.pods.specs[pod] as SpecFacts;
    const slot = this.pods.slot[pod] as number;
    this.#count(pod, slot, -1);
    if (spec.hostPorts.length > 0) this.ports.vacate(slot, spec.hostPorts);
    if (spec.devices.length > 0) this.devices.take(pod, slot, spec.devices, -1);
    this.#take(spec, slot, -1);
  }

  /** Takes `suspend` back. */
  resume(pod: PodId): void {
    const spec = this.pods.specs[pod] as SpecFacts;
    const slot = this.pods.slot[pod] as number;
    this.#take(spec, slot, 1);
    if (spec.hostPorts.length > 0) this.ports.occupy(slot, spec.hostPorts);
    if (spec.devices.length > 0) this.devices.take(pod, slot, spec.devices, 1);
    this.#count(pod, slot, 1);
  }

  setNamespace(namespace: string, labels: Readonly<Record<string, string>> | undefined): void {
    if (labels !== undefined && sameLabels(labels, this.namespaces.labelsOf(namespace))) return;
    const affected = [...this.labelSets.all()].filter((set) => set.namespace === namespace);
    for (const set of affected) this.#countAll(set, -1);
    if (labels === undefined) this.namespaces.remove(namespace);
    else this.namespaces.set(namespace, labels);
    for (const set of affected) {
      this.topology.acquaint(set);
      this.#countAll(set, 1);
    }
    this.topology.namespacesChanged();
    this.version += 1;
  }

  /** A claim is known, or changed, or (undefined) is gone. */
  setClaim(namespace: string, name: string, claim: VolumeClaim | undefined): void {
    if (claim === undefined) this.claims.remove(namespace, name);
    else this.claims.set(claim);
    this.topology.shape += 1;
    this.version += 1;
  }

  /** The counters of the terms that a pod carries; made when its kind is first placed, kept while its labels are in use. */
  holdsOf(spec: SpecFacts, set: LabelSet): readonly Counter[] {
    if (!spec.carriesTerms) return noCounters;
    let holds = set.holds.get(spec.id);
    if (holds === undefined) {
      holds = this.#carriedTerms(spec, set);
      set.holds.set(spec.id, holds);
    }
    return holds;
  }

  /** Forgets a label set that no pod has any more. */
  dropLabels(set: LabelSet): void {
    for (const holds of set.holds.values()) for (const counter of holds) this.topology.release(counter);
    this.labelSets.drop(set);
  }

  #setDevices(slot: number): void {
    const { nodes, resources } = this;
    const allocatable = (resource: string): number =>
      resources.has(resource) ? (nodes.allocatable[slot * nodes.stride + resources.columnOf(resource)] ?? 0) : 0;
    this.devices.setNode(slot, allocatable, nodes.capacity);
  }

  #take(spec: SpecFacts, slot: number, sign: 1 | -1): void {
    const { columns, amounts, weighedCpu, weighedMemory } = spec.requests;
    const { free, weighed, stride } = this.nodes;
    const base = slot * stride;
    for (let at = 0; at < columns.length; at += 1) {
      const place = base + (columns[at] as number);
      free[place] = (free[place] as number) - sign * (amounts[at] as number);
    }
    weighed[slot * 2] = (weighed[slot * 2] as number) + sign * weighedCpu;
    weighed[slot * 2 + 1] = (weighed[slot * 2 + 1] as number) + sign * weighedMemory;
  }

  #count(pod: PodId, slot: number, difference: 1 | -1): void {
    const set = this.pods.labels[pod] as LabelSet;
    const spec = this.pods.specs[pod] as SpecFacts;
    const holds = spec.carriesTerms ? this.holdsOf(spec, set) : noCounters;
    this.topology.count(set, holds, slot, this.pods.terminating[pod] === 1, difference);
  }

  #countAll(set: LabelSet, difference: 1 | -1): void {
    for (let pod = set.firstPod; pod >= 0; pod = this.pods.nextWithLabels[pod] as number)
      this.#count(pod, this.pods.slot[pod] as number, difference);
  }

  #carriedTerms(spec: SpecFacts, set: LabelSet): readonly Counter[] {
    const terms = [...carried(spec.affinity, 'near'), ...carried(spec.antiAffinity, 'away')];
    return terms.map(({ term, wants, weight }) => {
      const { topologyKey, criterion } = resolveTerm(term, set, this.namespaces);
      return this.topology.acquire({
        kind: 'hold',
        term: { wants, weight },
        criterion,
        topologyKey: this.topology.key(topologyKey),
        countsTerminating: true,
        tracksLeast: false,
      });
    });
  }
}

function carried(
  affinity: PodAffinity,
  wants: 'near' | 'away',
): readonly (CarriedTerm & { readonly term: PodAffinityTerm })[] {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return [
    ...required.map((term) => ({ term, wants, weight: 0 })),
    ...preferred.map(({ podAffinityTerm: term, weight }) => ({ term, wants, weight })),
  ];
}
