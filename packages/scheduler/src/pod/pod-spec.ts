import type { Pod, PodAffinity, PodSpec, Toleration, TopologySpreadConstraint } from '@berth/api';
import type { DeviceDemand } from '../device/device-demand.ts';
import { gangNote } from '../gang/gang-note.ts';
import type { ResourceTable } from '../node/resource-table.ts';
import { type HostPort, hostPorts } from './host-port.ts';
import { type NodePreference, type NodeSelection, nodePreferences, nodeSelection, pinOf } from './node-selection.ts';
import { type PodRequests, podRequests } from './pod-requests.ts';
import { sameSchedulingSpec } from './same-scheduling-spec.ts';

/** What rules may ask of a pod's spec, worked out once for all pods with the same one. */
export interface SpecFacts {
  readonly id: number;
  readonly schedulerName: string;
  readonly priority: number;
  /** Whether it may push out pods of lower priority. */
  readonly preempts: boolean;
  readonly requests: PodRequests;
  readonly devices: readonly DeviceDemand[];
  readonly hostPorts: readonly HostPort[];
  /** Without the node that a DaemonSet's pod names. */
  readonly selection: NodeSelection | undefined;
  /** `nodeSelector` as it is written. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly preferences: readonly NodePreference[];
  readonly tolerations: readonly Toleration[];
  readonly spread: readonly TopologySpreadConstraint[];
  readonly affinity: PodAffinity;
  readonly antiAffinity: PodAffinity;
  /** Whether other pods have to heed terms that this one carries. */
  readonly carriesTerms: boolean;
  /** Topology key of the domain that its gang wants for itself. */
  readonly gangTopology: string | undefined;
  /** Names of its volume claims, in its own namespace. */
  readonly claims: readonly string[];
}

export const defaultSchedulerName = 'default-scheduler';

/** Families remembered; they are forgotten together beyond this number. */
const familiesMax = 4096;

interface Entry {
  readonly facts: SpecFacts;
  readonly sample: PodSpec;
  readonly key: string;
  references: number;
}

/** All specs in use. */
export class PodSpecs {
  readonly #resources: ResourceTable;
  readonly #deviceResources: readonly string[];
  readonly #byKey = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  /** Most recent spec of a family of pods (owner or namespace), which the next one most likely equals. */
  readonly #recent = new Map<string, Entry>();
  #nextId = 0;

  constructor(resources: ResourceTable, deviceResources: readonly string[]) {
    this.#resources = resources;
    this.#deviceResources = deviceResources;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Counts one more user; `family` says whose pods are likely to be alike. */
  acquire(pod: Pod, family: string): SpecFacts {
    const { spec } = pod;
    let entry = this.#recent.get(family);
    const gangTopology = gangNote(pod)?.topologyKey;
    const isSame =
      entry !== undefined &&
      entry.references > 0 &&
      entry.facts.gangTopology === gangTopology &&
      sameSchedulingSpec(entry.sample, spec);
    if (entry === undefined || !isSame) {
      entry = this.#find(spec, gangTopology);
      if (this.#recent.size >= familiesMax) this.#recent.clear();
      this.#recent.set(family, entry);
    }
    entry.references += 1;
    return entry.facts;
  }

  release(facts: SpecFacts): void {
    const entry = this.#byId.get(facts.id);
    if (entry === undefined) return;
    entry.references -= 1;
    if (entry.references > 0) return;
    this.#byKey.delete(entry.key);
    this.#byId.delete(facts.id);
  }

  #find(spec: PodSpec, gangTopology: string | undefined): Entry {
    const key = `${gangTopology ?? ''} ${specKey(spec)}`;
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      const id = this.#nextId++;
      const requests = podRequests(spec, this.#resources, this.#deviceResources);
      entry = { facts: { ...specFacts(id, spec, requests), gangTopology }, sample: spec, key, references: 0 };
      this.#byKey.set(key, entry);
      this.#byId.set(id, entry);
    }
    return entry;
  }
}

const none: PodAffinity = {};

function specFacts(id: number, spec: PodSpec, requests: PodRequests): Omit<SpecFacts, 'gangTopology'> {
  const affinity = spec.affinity?.podAffinity ?? none;
  const antiAffinity = spec.affinity?.podAntiAffinity ?? none;
  return {
    id,
    schedulerName: spec.schedulerName ?? defaultSchedulerName,
    priority: spec.priority ?? 0,
    preempts: spec.preemptionPolicy !== 'Never',
    requests,
    devices: requests.devices,
    hostPorts: hostPorts(spec),
    selection: nodeSelection(spec),
    nodeLabels: spec.nodeSelector ?? {},
    preferences: nodePreferences(spec.affinity?.nodeAffinity),
    tolerations: spec.tolerations ?? [],
    spread: spec.topologySpreadConstraints ?? [],
    affinity,
    antiAffinity,
    carriesTerms: affinity !== none || antiAffinity !== none,
    claims: (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
      claim === undefined ? [] : [claim.claimName],
    ),
  };
}

/** Everything of a spec that `specFacts` reads. */
function specKey(spec: PodSpec): string {
  const container = ({ resources, ports, restartPolicy }: PodSpec['containers'][number]): unknown => [
    resources?.requests,
    ports?.map(({ hostPort, protocol, hostIP }) => [hostPort, protocol, hostIP]),
    restartPolicy,
  ];
  const isPinned = pinOf(spec) !== undefined;
  return JSON.stringify([
    spec.schedulerName,
    spec.priority,
    spec.preemptionPolicy,
    spec.containers.map(container),
    spec.initContainers?.map(container),
    spec.overhead,
    spec.resources?.requests,
    isPinned
      ? [nodeSelection(spec)?.key, { ...spec.affinity, nodeAffinity: null }]
      : [spec.nodeSelector, spec.affinity],
    spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
    spec.tolerations,
    spec.topologySpreadConstraints,
    spec.volumes?.map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
  ]);
}
