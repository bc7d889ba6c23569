import type { Taint } from '@berth/api';

/** One thing to do. */
export type Change =
  /** The pod asks for no more than this of some resources. */
  | { readonly kind: 'request'; readonly atMost: Readonly<Record<string, string>> }
  /** The node is changed. */
  | {
      readonly kind: 'node';
      readonly node: string;
      readonly uncordon: boolean;
      readonly removeTaints: readonly Taint[];
      readonly addLabels: Readonly<Record<string, string>>;
    }
  /** Pods leave the node. */
  | { readonly kind: 'evict'; readonly uids: readonly string[] };

/** What would make a pod fit on a node: all of the changes together. */
export interface Suggestion {
  readonly node: string;
  readonly changes: readonly Change[];
  /** For people. */
  readonly text: string;
}

export function suggestionText(node: string, changes: readonly Change[], nameOfPod: (uid: string) => string): string {
  return `would fit on ${node} if ${changes.map((change) => changeText(change, nameOfPod)).join(' and ')}`;
}

function changeText(change: Change, nameOfPod: (uid: string) => string): string {
  switch (change.kind) {
    case 'request':
      return `it asked for at most ${Object.entries(change.atMost)
        .map(([resource, amount]) => `${amount} ${resource}`)
        .join(', ')}`;
    case 'node':
      return nodeText(change);
    case 'evict':
      return `${change.uids.map(nameOfPod).join(', ')} left the node`;
    default:
      return unreachable(change);
  }
}

function nodeText({ uncordon, removeTaints, addLabels }: Extract<Change, { kind: 'node' }>): string {
  const labels = Object.entries(addLabels).map(([key, value]) => `${key}=${value}`);
  const taints = removeTaints.map(
    ({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`,
  );
  return [
    ...(uncordon ? ['the node were uncordoned'] : []),
    ...(taints.length === 0 ? [] : [`the node lost the taint ${taints.join(', ')}`]),
    ...(labels.length === 0 ? [] : [`the node had the label ${labels.join(', ')}`]),
  ].join(' and ');
}

function unreachable(change: never): never {
  throw new TypeError(`unknown change ${JSON.stringify(change)}`);
}
