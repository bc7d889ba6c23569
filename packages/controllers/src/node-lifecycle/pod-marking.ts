import { formatTime, type Node, type Pod, type PodCondition, type PodStatus, type Stored } from '@berth/api';
import { withCondition, withoutCondition } from '../conditions.ts';
import type { Now, Write } from '../controller.ts';
import { disconnectedCondition, disconnection, nodeLostReason } from '../pod-disconnection.ts';
import { isFinished, readyCondition } from '../pod-state.ts';

/** Writes on every unfinished pod of a lost node that nobody knows how it is. */
export function markDisconnected(node: Stored<Node>, pods: readonly Stored<Pod>[], now: Now): readonly Write[] {
  return pods
    .filter((pod) => !isFinished(pod) && disconnection(pod) === undefined)
    .flatMap((pod): readonly Write[] => [
      statusWrite(pod, disconnectedStatus(node, pod, now)),
      {
        kind: 'event',
        about: pod,
        type: 'Warning',
        reason: 'NodeNotReady',
        message: `Node ${node.metadata.name} is not ready`,
      },
    ]);
}

/**
 * Takes the mark back from pods of a node that is connected again, but only once the agent has reported on them: until then
 * they would look like unready pods, and a ReplicaSet with replacements running would delete just these.
 */
export function unmarkReported(pods: readonly Stored<Pod>[]): readonly Write[] {
  return pods
    .filter((pod) => disconnection(pod) !== undefined && readyCondition(pod)?.reason !== nodeLostReason)
    .map((pod) => statusWrite(pod, reconnectedStatus(pod)));
}

function disconnectedStatus(node: Stored<Node>, pod: Stored<Pod>, now: Now): PodStatus {
  const message = `node ${node.metadata.name} has not been heard of; its containers may still be running`;
  const because = { reason: nodeLostReason, message, lastTransitionTime: formatTime(now.wallMs) };
  const notReady = withCondition<PodCondition>(pod.status?.conditions, { type: 'Ready', status: 'False', ...because });
  return {
    ...pod.status,
    reason: nodeLostReason,
    message,
    conditions: withCondition<PodCondition>(notReady, { type: disconnectedCondition, status: 'True', ...because }),
  };
}

function reconnectedStatus({ status }: Stored<Pod>): PodStatus {
  const conditions = withoutCondition(status?.conditions, disconnectedCondition);
  if (status?.reason !== nodeLostReason) return { ...status, conditions };
  const { reason: _reason, message: _message, ...rest } = status;
  return { ...rest, conditions };
}

function statusWrite(pod: Stored<Pod>, status: PodStatus): Write {
  const object: Stored<Pod> = { ...pod, status };
  return { kind: 'updateStatus', resource: 'pods', object };
}
