import type { Node, Pod } from '@berth/api';

/** The cluster as plain lists of objects: slow, obvious, and written without a look at the scheduler. */
export interface ReferenceCluster {
  readonly nodes: readonly Node[];
  /** Pods on a node, whose name is in `spec.nodeName`. */
  readonly placed: readonly Pod[];
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function labelsOf(object: Node | Pod): Readonly<Record<string, string>> {
  return object.metadata.labels ?? {};
}

export function uidOf(pod: Pod): string {
  return pod.metadata.uid ?? '';
}

export function nameOf(node: Node): string {
  return node.metadata.name ?? '';
}

export function podsOn(cluster: ReferenceCluster, node: Node): readonly Pod[] {
  return cluster.placed.filter((pod) => pod.spec.nodeName === nameOf(node));
}

/** The pods on nodes that have the same value of a label as this one has; none when it lacks the label. */
export function podsInDomain(cluster: ReferenceCluster, node: Node, key: string): readonly Pod[] {
  const value = labelsOf(node)[key];
  if (value === undefined) return [];
  const names = cluster.nodes.filter((other) => labelsOf(other)[key] === value).map(nameOf);
  return cluster.placed.filter((pod) => names.includes(pod.spec.nodeName ?? ''));
}

const units: Readonly<Record<string, number>> = { m: 0.001, '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** Good enough for the amounts that tests use: millicores for cpu, whole units for the rest. */
function amount(resource: string, text: string | undefined): number {
  if (text === undefined) return 0;
  const [, digits = '', unit = ''] = /^([0-9]+)(.*)$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit] as number);
  return Math.round(resource === 'cpu' ? value * 1000 : value);
}

export function requestOf(pod: Pod, resource: string): number {
  if (resource === 'pods') return 1;
  return pod.spec.containers.reduce((sum, { resources }) => sum + amount(resource, resources?.requests?.[resource]), 0);
}

export function allocatableOf(node: Node, resource: string): number {
  return amount(resource, node.status?.allocatable?.[resource]);
}
