import { formatTime, type Pod, type PodCondition } from '@berth/api';
import type { StoredObject } from '../registry/registry.ts';

/** What the scheduler tells a pod that has no node yet. */
export interface PendingStatus {
  readonly message: string;
  /** The node that was promised, where others have to go first. */
  readonly nominatedNodeName?: string;
}

/** The pod with this status, or undefined when it has it already, has a node, or is another pod of that name. */
export function withPendingStatus(current: StoredObject, uid: string, wanted: PendingStatus, nowMs: number): unknown {
  const { spec, status } = current as unknown as Pod;
  if (current.metadata.uid !== uid || (spec.nodeName ?? '') !== '') return undefined;
  const conditions = status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === 'PodScheduled');
  const isSaid = before?.status === 'False' && before.reason === 'Unschedulable' && before.message === wanted.message;
  if (isSaid && (status?.nominatedNodeName ?? '') === (wanted.nominatedNodeName ?? '')) return undefined;
  const since = before?.status === 'False' ? before.lastTransitionTime : undefined;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: wanted.message,
    lastTransitionTime: since ?? formatTime(nowMs),
  };
  const others = conditions.filter(({ type }) => type !== 'PodScheduled');
  const { nominatedNodeName: _, ...rest } = status ?? {};
  const promise = wanted.nominatedNodeName === undefined ? {} : { nominatedNodeName: wanted.nominatedNodeName };
  return { ...current, status: { ...rest, ...promise, conditions: [...others, condition] } };
}
