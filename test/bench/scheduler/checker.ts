import type { Node, Pod } from '@berth/api';

/** A pod and where it was placed, with its devices as the annotation names them. */
export interface Placed {
  readonly pod: Pod;
  readonly node: string;
  readonly devices?: string | undefined;
}

/**
 * Checks a finished placement against the objects alone, without any code of the scheduler: nothing oversold, no device shared
 * beyond its whole, selectors, taints, pins, required affinity and anti-affinity kept. Spread is checked where `maxSkew` is given.
 * Answers at most a few violations; one is enough to fail a run.
 */
export function violationsOf(nodes: readonly Node[], placed: readonly Placed[]): readonly string[] {
  const byName = new Map(nodes.map((node) => [node.metadata.name ?? '', node]));
  const violations: string[] = [];
  const say = (text: string): void => void (violations.length < 10 && violations.push(text));
  checkAmounts(byName, placed, say);
  checkDevices(byName, placed, say);
  for (const each of placed) checkNode(each, byName.get(each.node), say);
  checkAffinity(byName, placed, say);
  return violations;
}

type Say = (text: string) => void;
type Nodes = ReadonlyMap<string, Node>;

const factors: Readonly<Record<string, number>> = { m: 0.001, '': 1, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

function amount(text: string | undefined): number {
  const [, digits = '0', suffix = ''] = /^([0-9.]+)([A-Za-z]*)$/.exec(text ?? '0') ?? [];
  return Number(digits) * (factors[suffix] ?? Number.NaN);
}

function requested(pod: Pod, resource: string): number {
  if (resource === 'pods') return 1;
  return pod.spec.containers.reduce((sum, { resources }) => sum + amount(resources?.requests?.[resource]), 0);
}

function checkAmounts(nodes: Nodes, placed: readonly Placed[], say: Say): void {
  const used = new Map<string, number>();
  const resources = ['cpu', 'memory', 'pods'];
  for (const { pod, node } of placed)
    for (const resource of resources) {
      const key = `${node} ${resource}`;
      used.set(key, (used.get(key) ?? 0) + requested(pod, resource));
    }
  for (const [key, sum] of used) {
    const [name = '', resource = ''] = key.split(' ');
    const there = amount(nodes.get(name)?.status?.allocatable?.[resource]);
    // Cores are summed in binary fractions here.
    if (!(sum <= there + 1e-6)) say(`${name} has ${there} ${resource}, ${sum} are asked for`);
  }
}

function checkDevices(nodes: Nodes, placed: readonly Placed[], say: Say): void {
  const used = new Map<string, number>();
  for (const { pod, node, devices } of placed) {
    const whole = requested(pod, 'berth.dev/gpu');
    const milli = requested(pod, 'berth.dev/gpu-milli');
    if (whole + milli === 0) continue;
    const numbers = (JSON.parse(devices ?? '{}') as Record<string, readonly number[]>)['berth.dev/gpu'] ?? [];
    if (numbers.length !== (whole || 1))
      say(`${pod.metadata.name} has devices ${devices}, asked for ${whole || milli}`);
    const count = amount(nodes.get(node)?.status?.allocatable?.['berth.dev/gpu']);
    for (const number of numbers) {
      const key = `${node} ${number}`;
      const sum = (used.get(key) ?? 0) + (milli || 1000);
      used.set(key, sum);
      if (number >= count || sum > 1000) say(`device ${number} of ${node} (it has ${count}) carries ${sum}/1000`);
    }
  }
}

function checkNode({ pod, node: name }: Placed, node: Node | undefined, say: Say): void {
  if (node === undefined) {
    say(`${pod.metadata.name} is on ${name}, which does not exist`);
    return;
  }
  const labels = node.metadata.labels ?? {};
  const { nodeSelector = {}, affinity, tolerations = [] } = pod.spec;
  for (const [key, value] of Object.entries(nodeSelector))
    if (labels[key] !== value) say(`${pod.metadata.name} wants ${key}=${value}, ${name} has ${labels[key]}`);
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isMet = terms?.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.every(({ key, values = [] }) => values.includes(labels[key] ?? '')) &&
      matchFields.every(({ values = [] }) => values.includes(name)),
  );
  if (isMet === false) say(`${pod.metadata.name} may not run on ${name} by its node affinity`);
  for (const taint of node.spec.taints ?? [])
    if (taint.effect !== 'PreferNoSchedule' && !tolerations.some(({ key }) => key === taint.key))
      say(`${pod.metadata.name} does not tolerate ${taint.key} of ${name}`);
}

/** Terms of benchmark pods select by one label and name their namespaces. */
function checkAffinity(nodes: Nodes, placed: readonly Placed[], say: Say): void {
  const counts = new Map<string, number>();
  const keyOf = (topology: string, domain: string, namespace: string, label: string): string =>
    `${topology} ${domain} ${namespace} ${label}`;
  const domainOf = (node: string, topology: string): string => nodes.get(node)?.metadata.labels?.[topology] ?? '';
  const topologies = ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'];
  for (const { pod, node } of placed)
    for (const topology of topologies)
      for (const [label, value] of Object.entries(pod.metadata.labels ?? {})) {
        const key = keyOf(topology, domainOf(node, topology), pod.metadata.namespace ?? '', `${label}=${value}`);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
  for (const { pod, node } of placed) {
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
    const others = (term: {
      readonly topologyKey: string;
      readonly namespaces?: readonly string[];
      readonly labelSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    }): number => {
      const [[label, value] = ['', '']] = Object.entries(term.labelSelector?.matchLabels ?? {});
      const own = pod.metadata.labels?.[label] === value ? 1 : 0;
      const namespaces = term.namespaces ?? [pod.metadata.namespace ?? ''];
      const sum = namespaces.reduce(
        (total, namespace) =>
          total +
          (counts.get(keyOf(term.topologyKey, domainOf(node, term.topologyKey), namespace, `${label}=${value}`)) ?? 0),
        0,
      );
      return sum - (namespaces.includes(pod.metadata.namespace ?? '') ? own : 0);
    };
    for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      if (others(term) > 0) say(`${pod.metadata.name} shares ${term.topologyKey} with pods it wants away`);
    for (const term of podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
      if (others(term) === 0 && placed.length > 1) say(`${pod.metadata.name} is alone in its ${term.topologyKey}`);
  }
}

/** Pods per value of a node label must not differ by more than `maxSkew`. */
export function skewViolations(
  nodes: readonly Node[],
  placed: readonly Placed[],
  topologyKey: string,
  maxSkew: number,
): readonly string[] {
  const counts = new Map(nodes.map((node) => [node.metadata.labels?.[topologyKey] ?? '', 0]));
  const domains = new Map(nodes.map((node) => [node.metadata.name, node.metadata.labels?.[topologyKey] ?? '']));
  for (const { node } of placed) {
    const domain = domains.get(node) ?? '';
    counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  const skew = Math.max(...counts.values()) - Math.min(...counts.values());
  return skew <= maxSkew ? [] : [`${topologyKey}: skew ${skew}, allowed ${maxSkew}`];
}
