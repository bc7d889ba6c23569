import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeCondition, NodeStatus } from '@berth/api';

/** What an agent said about its node, from its hello on. */
export interface NodeReport {
  readonly node: Node;
  /** Later status messages, laid over `node.status` field by field. */
  readonly status: NodeStatus;
}

/** Labels with this prefix are given by administrators only, so that a node cannot attract pods meant for others. */
const restrictedPrefix = 'node-restriction.kubernetes.io/';

/** The Node object for a node that joins. Only what an agent may decide about is taken over. */
export function newNode(name: string, report: NodeReport): Node {
  const { taints } = report.node.spec ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { ...allowedLabels(report), 'kubernetes.io/hostname': hostname(name, report) },
      ...(report.node.metadata.annotations === undefined ? {} : { annotations: report.node.metadata.annotations }),
    },
    spec: taints === undefined ? {} : { taints },
  };
}

/** `current` with the agent's labels and annotations laid over it; undefined when nothing changes. */
export function mergedNode<T extends Node>(current: T, report: NodeReport): T | undefined {
  const name = current.metadata.name ?? '';
  const labels = {
    ...current.metadata.labels,
    ...allowedLabels(report),
    'kubernetes.io/hostname': hostname(name, report),
  };
  const annotations = { ...current.metadata.annotations, ...report.node.metadata.annotations };
  const isSame =
    isDeepStrictEqual(labels, current.metadata.labels ?? {}) &&
    isDeepStrictEqual(annotations, current.metadata.annotations ?? {});
  return isSame ? undefined : { ...current, metadata: { ...current.metadata, labels, annotations } };
}

/** `current` with the agent's status and Ready=True; undefined when nothing changes. `wallTime` is RFC 3339. */
export function mergedNodeStatus<T extends Node>(current: T, report: NodeReport, wallTime: string): T | undefined {
  const { conditions: reported = [], ...fields } = { ...report.node.status, ...report.status };
  const wanted = reported.some((condition) => condition.type === 'Ready') ? reported : [...reported, agentReady];
  const conditions = mergeConditions(current.status?.conditions ?? [], wanted, wallTime);
  const status: NodeStatus = { ...current.status, ...fields, conditions };
  return isDeepStrictEqual(status, current.status) ? undefined : { ...current, status };
}

// Does not name the server: moving to another one is no change of the node, and no reason for a write.
const agentReady: NodeCondition = {
  type: 'Ready',
  status: 'True',
  reason: 'AgentReady',
  message: "the node's agent is connected",
};

/** A condition that says the same as before is kept with its times: a heartbeat alone is no reason for a write. */
function mergeConditions(
  current: readonly NodeCondition[],
  wanted: readonly NodeCondition[],
  wallTime: string,
): readonly NodeCondition[] {
  const untouched = current.filter(({ type }) => !wanted.some((condition) => condition.type === type));
  const merged = wanted.map((condition): NodeCondition => {
    const before = current.find(({ type }) => type === condition.type);
    if (before !== undefined && sameStatement(before, condition)) return before;
    const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? wallTime) : wallTime;
    return { ...condition, lastHeartbeatTime: wallTime, lastTransitionTime };
  });
  return [...untouched, ...merged].sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
}

function sameStatement(a: NodeCondition, b: NodeCondition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}

function allowedLabels(report: NodeReport): Readonly<Record<string, string>> {
  const labels = Object.entries(report.node.metadata.labels ?? {});
  return Object.fromEntries(labels.filter(([key]) => !key.startsWith(restrictedPrefix)));
}

function hostname(name: string, report: NodeReport): string {
  return report.node.metadata.labels?.['kubernetes.io/hostname'] ?? name;
}
