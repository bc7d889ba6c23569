import type { Node, NodeCondition, Pod, Stored } from '@berth/api';
import type { AnyObject, Controller, Now, Plan, View, Write } from '../controller.ts';
import { sameValue } from '../sameness.ts';
import type { NodeLossSettings } from '../settings.ts';
import { wantedTaints } from './condition-taints.ts';
import { type Liveness, livenessOf, lostConditions, returnCheckInMs, returnedConditions } from './node-liveness.ts';
import { markDisconnected, unmarkReported } from './pod-marking.ts';
import { evictions } from './taint-eviction.ts';

/** Judges by the agents' sessions which nodes are there, and writes down what follows for the node and its pods. */
export function nodeLifecycleController(settings: NodeLossSettings): Controller {
  return {
    name: 'node-lifecycle',
    watches: [
      { resource: 'nodes', keys: (node) => [node.metadata.name] },
      { resource: 'pods', keys: nodeOfPod },
    ],
    nodeSessionKeys: (nodeName) => [nodeName],
    reconcile(view, key, now): Plan {
      const node = view.get<Stored<Node>>('nodes', key);
      if (node === undefined) return { writes: [] };
      return judge(node, view, livenessOf(key, view, now, settings), now);
    },
  };
}

function nodeOfPod(pod: AnyObject): readonly string[] {
  const { nodeName } = (pod as Stored<Pod>).spec;
  return nodeName === undefined || nodeName === '' ? [] : [nodeName];
}

function judge(node: Stored<Node>, view: View, liveness: Liveness, now: Now): Plan {
  const pods = view.podsOn<Stored<Pod>>(node.metadata.name);
  const judged = withConditions(node, conditionsFor(node, liveness, now));
  const taints = wantedTaints(judged, now);
  const evicted = evictions(pods, taints, now);
  const marked = liveness.kind === 'lost' ? markDisconnected(node, pods, now) : [];
  const unmarked = liveness.kind === 'connected' ? unmarkReported(pods) : [];
  const requeueAfterMs = Math.min(
    evicted.requeueAfterMs ?? Number.POSITIVE_INFINITY,
    nextJudgementInMs(judged, liveness) ?? Number.POSITIVE_INFINITY,
  );
  return {
    writes: [
      ...statusWrites(node, judged),
      ...taintWrites(judged, taints),
      ...marked.filter(({ kind }) => kind !== 'event'),
      ...unmarked,
      ...evicted.writes,
      ...marked.filter(({ kind }) => kind === 'event'),
    ],
    ...(Number.isFinite(requeueAfterMs) ? { requeueAfterMs } : {}),
  };
}

function conditionsFor(node: Stored<Node>, liveness: Liveness, now: Now): readonly NodeCondition[] {
  switch (liveness.kind) {
    case 'connected':
      return returnedConditions(node, liveness.connectedForMs, now);
    case 'silent':
      return node.status?.conditions ?? [];
    case 'lost':
      return lostConditions(node, liveness.silentForMs, now);
    default:
      return unreachable(liveness);
  }
}

function nextJudgementInMs(judged: Stored<Node>, liveness: Liveness): number | undefined {
  if (liveness.kind === 'silent') return liveness.judgedInMs;
  return liveness.kind === 'connected' ? returnCheckInMs(judged, liveness.connectedForMs) : undefined;
}

function withConditions(node: Stored<Node>, conditions: readonly NodeCondition[]): Stored<Node> {
  return sameValue(node.status?.conditions, conditions) ? node : { ...node, status: { ...node.status, conditions } };
}

function statusWrites(before: Stored<Node>, object: Stored<Node>): readonly Write[] {
  if (object === before) return [];
  const lost = object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown');
  const status = lost ? 'NodeNotReady' : 'NodeReady';
  return [
    {
      kind: 'updateStatus',
      resource: 'nodes',
      object,
      event: {
        about: before,
        type: 'Normal',
        reason: status,
        message: `Node ${before.metadata.name} status is now: ${status}`,
      },
    },
  ];
}

function taintWrites(node: Stored<Node>, taints: Stored<Node>['spec']['taints'] & {}): readonly Write[] {
  if (sameValue(node.spec.taints, taints)) return [];
  const { taints: _before, ...spec } = node.spec;
  const object: Stored<Node> = { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } };
  return [{ kind: 'update', resource: 'nodes', object }];
}

function unreachable(value: never): never {
  throw new TypeError(`unknown liveness ${JSON.stringify(value)}`);
}
