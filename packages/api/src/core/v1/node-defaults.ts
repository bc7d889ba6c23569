import type { Draft } from '../../schema/message.ts';
import type { NodeStatus } from './node-status.ts';

/** A node that sets nothing aside for itself gives all it has. */
export function fillNodeStatus(status: Draft<NodeStatus>): void {
  if (status.capacity !== undefined && status.allocatable === undefined) status.allocatable = { ...status.capacity };
}
