import { formatQuantity } from '@berth/api';
import type { Cluster } from '../cluster/cluster.ts';
import { labelOf, type NodeFacts } from '../node/node-facts.ts';
import { cpuColumn, memoryColumn, podsColumn } from '../node/resource-table.ts';
import { Trial } from '../plan/trial.ts';
import type { PodId } from '../pod/pod-table.ts';
import { tolerates } from '../pod/toleration.ts';
import type { VictimSearch } from '../preemption/victim-search.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Subject } from '../rule/rule.ts';
import { type Change, type Suggestion, suggestionText } from './suggestion.ts';

/** Nodes that are tried, those with the fewest refusals first, and suggestions that are made. */
const nodesMax = 16;
const suggestionsMax = 5;

export interface SuggestingParts {
  readonly cluster: Cluster;
  readonly search: VictimSearch;
  /** A class that is not kept: for pods that differ from those there are. */
  withProbe<T>(subject: Subject, use: (podClass: PodClass) => T): T;
}

/** Looks for changes that would make a pod fit, the smallest first, and tries each out before it is named. */
export function suggest(parts: SuggestingParts, podClass: PodClass, slots: Int32Array): readonly Suggestion[] {
  const found: Suggestion[] = [];
  for (const slot of slots.slice(0, nodesMax)) {
    if (found.length >= suggestionsMax) break;
    const changes = changesFor(parts, podClass, slot);
    if (changes === undefined) continue;
    const node = parts.cluster.nodes.nameOf(slot);
    const { pods } = parts.cluster;
    const nameOf = (uid: string): string => {
      const pod = pods.find(uid);
      return `${pods.labels[pod]?.namespace}/${pods.names[pod]}`;
    };
    found.push({ node, changes, text: suggestionText(node, changes, nameOf) });
  }
  return found;
}

/** The node first, if it is the node; then a smaller pod; then fewer neighbours. */
function changesFor(parts: SuggestingParts, podClass: PodClass, slot: number): readonly Change[] | undefined {
  const { cluster } = parts;
  using trial = new Trial(cluster);
  const facts = cluster.nodes.facts[slot] as NodeFacts;
  const better = improved(facts, podClass.subject);
  const changes: Change[] = [];
  if (better !== undefined && podClass.rules.facts.isUnfit(slot)) {
    trial.relabel(slot, better.facts);
    changes.push(better.change);
  }
  if (podClass.rules.facts.isUnfit(slot)) return undefined;
  if (podClass.admits(slot)) return changes;
  const more = smallerRequest(parts, podClass, slot) ?? eviction(parts, podClass, slot);
  return more === undefined ? undefined : [...changes, more];
}

/** The node without what keeps the pod away: cordon, taints, missing labels. */
function improved(
  facts: NodeFacts,
  { spec }: Subject,
): { readonly facts: NodeFacts; readonly change: Change } | undefined {
  const isDisturbing = (taint: NodeFacts['taints'][number]): boolean =>
    taint.effect !== 'PreferNoSchedule' && !spec.tolerations.some((toleration) => tolerates(toleration, taint));
  const removeTaints = facts.taints.filter(isDisturbing);
  const missing = Object.entries(spec.nodeLabels).filter(([key, value]) => labelOf(facts.labels, key) !== value);
  if (removeTaints.length + missing.length === 0 && !facts.unschedulable) return undefined;
  const addLabels = Object.fromEntries(missing);
  return {
    facts: {
      ...facts,
      unschedulable: false,
      taints: facts.taints.filter((taint) => !isDisturbing(taint)),
      labels: { ...facts.labels, ...addLabels },
    },
    change: { kind: 'node', node: facts.name, uncordon: facts.unschedulable, removeTaints, addLabels },
  };
}

/** What the node has left, where the pod asks for more; a pod that would have to ask for nothing is no suggestion. */
function smallerRequest(parts: SuggestingParts, { subject }: PodClass, slot: number): Change | undefined {
  const { nodes, resources } = parts.cluster;
  const { requests } = subject.spec;
  const free = (column: number): number => nodes.free[slot * nodes.stride + column] as number;
  const short = requests.columns.filter((column, at) => free(column) < (requests.amounts[at] as number));
  if (short.length === 0 || short.some((column) => column === podsColumn || free(column) <= 0)) return undefined;
  const amounts = requests.amounts.map((amount, at) => Math.min(amount, free(requests.columns[at] as number)));
  const smaller: Subject = { ...subject, spec: { ...subject.spec, requests: { ...requests, amounts } } };
  if (!parts.withProbe(smaller, (probe) => probe.admits(slot))) return undefined;
  const atMost = short.map((column) => [resources.nameOf(column), amountText(column, free(column))]);
  return { kind: 'request', atMost: Object.fromEntries(atMost) };
}

/** The fewest and least important pods of any priority without which the pod would fit. */
function eviction({ cluster, search }: SuggestingParts, podClass: PodClass, slot: number): Change | undefined {
  if (!search.search(podClass, slot, Number.POSITIVE_INFINITY)) return undefined;
  const leaving: readonly PodId[] = [...search.victims, ...search.leaving];
  return { kind: 'evict', uids: leaving.map((pod) => cluster.pods.uids[pod] as string) };
}

function amountText(column: number, amount: number): string {
  if (column === cpuColumn) return formatQuantity({ nanos: BigInt(amount) * 1_000_000n, style: 'decimal' });
  const style = column === memoryColumn ? 'binary' : 'decimal';
  return formatQuantity({ nanos: BigInt(amount) * 1_000_000_000n, style });
}
