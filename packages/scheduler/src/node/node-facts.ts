import type { Node, Taint } from '@berth/api';

/** What rules may ask of a node that does not depend on the pods it runs. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
}

const noLabels: Readonly<Record<string, string>> = {};
const noTaints: readonly Taint[] = [];

export function nodeFacts(node: Node): NodeFacts {
  return {
    name: node.metadata.name ?? '',
    labels: node.metadata.labels ?? noLabels,
    taints: node.spec?.taints ?? noTaints,
    unschedulable: node.spec?.unschedulable === true,
  };
}

/** The value of a label; label keys may be names that every object inherits, such as `constructor`. */
export function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Whether two states of a node look the same to every rule that reads facts. */
export function sameFacts(left: NodeFacts, right: NodeFacts): boolean {
  return (
    left.unschedulable === right.unschedulable &&
    sameLabels(left.labels, right.labels) &&
    left.taints.length === right.taints.length &&
    left.taints.every((taint, at) => sameTaint(taint, right.taints[at]))
  );
}

function sameTaint(left: Taint, right: Taint | undefined): boolean {
  return left.key === right?.key && (left.value ?? '') === (right.value ?? '') && left.effect === right.effect;
}

export function sameLabels(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  if (left === right) return true;
  let count = 0;
  for (const key in left) {
    if (right[key] !== left[key] || !Object.hasOwn(right, key)) return false;
    count += 1;
  }
  for (const _ in right) count -= 1;
  return count === 0;
}
