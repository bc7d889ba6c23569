import type { Node, Pod } from '@berth/api';
import type { Cluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { untilObjects } from '../support/object-watch.ts';
import { isActive, isReady, nodeOf, untilPods } from '../support/pod-facts.ts';

export interface NodeLoss {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  readonly namespace: string;
  readonly app: string;
  /** Pods that must be Ready elsewhere. */
  readonly count: number;
  readonly limitMs: number;
}

/** Cuts the power of nodes (agent and containers); milliseconds until all pods are Ready on others. */
export async function loseNodes(
  { cluster, kubectl, namespace, app, count, limitMs }: NodeLoss,
  names: readonly string[],
): Promise<number> {
  const begin = performance.now();
  const elsewhere = untilPods(kubectl, namespace, {
    app,
    what: `${count} pods of ${app} are Ready on other nodes than ${names.join(', ')}`,
    withinMs: limitMs,
    isSo: (pods) => pods.filter((pod) => isActive(pod) && isReady(pod) && !names.includes(nodeOf(pod))).length >= count,
  });
  await Promise.all([elsewhere, ...names.map((name) => cluster.dev('kill', name))]);
  return performance.now() - begin;
}

export function readyCondition(node: Node): NonNullable<NonNullable<Node['status']>['conditions']>[number] | undefined {
  return node.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Waits until a node is Ready and free of the taints of its loss. */
export function untilReadyNode(kubectl: Kubectl, name: string, withinMs: number): Promise<Node> {
  const isSo = (node: Node): boolean => readyCondition(node)?.status === 'True' && lossTaints(node).length === 0;
  return untilNode(kubectl, { name, what: `${name} is Ready and not tainted`, withinMs, isSo });
}

/** Waits until a node counts as lost: Ready=Unknown, and tainted so that nothing starts or stays there. */
export function untilLost(kubectl: Kubectl, name: string, withinMs: number): Promise<Node> {
  const isSo = (node: Node): boolean =>
    readyCondition(node)?.status === 'Unknown' && String(lossTaints(node).sort()) === 'NoExecute,NoSchedule';
  return untilNode(kubectl, { name, what: `${name} is Unknown and tainted unreachable`, withinMs, isSo });
}

function lossTaints({ spec }: Node): string[] {
  const taints = spec?.taints ?? [];
  return taints.filter(({ key }) => key === 'node.kubernetes.io/unreachable').map(({ effect }) => effect ?? '');
}

interface AwaitedNode {
  readonly name: string;
  readonly what: string;
  readonly withinMs: number;
  isSo(node: Node): boolean;
}

async function untilNode(kubectl: Kubectl, { name, what, withinMs, isSo }: AwaitedNode): Promise<Node> {
  const ofName = (nodes: readonly Node[]): Node[] => nodes.filter(({ metadata }) => metadata.name === name);
  const nodes = await untilObjects<Node>(kubectl, {
    resource: 'nodes',
    what,
    withinMs,
    isSo: (all) => ofName(all).some(isSo),
  });
  const [node] = ofName(nodes);
  if (node === undefined) throw new Error(`no node is called ${name}`);
  return node;
}

/** Pods of an app on one node. */
export async function podsOn(kubectl: Kubectl, app: string, node: string): Promise<readonly Pod[]> {
  const { items } = await kubectl.json<{ items: Pod[] }>(
    'get',
    'pods',
    '--selector',
    `app=${app}`,
    '--field-selector',
    `spec.nodeName=${node}`,
  );
  return items;
}
