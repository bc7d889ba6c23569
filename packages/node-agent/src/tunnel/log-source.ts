import { ApiError, badRequest, type Pod, type PodStatus } from '@berth/api';
import type { ObservedMember } from '../pod/observed-container.ts';
import { specifiedContainers } from '../pod/pod-situation.ts';

export interface LogWish {
  readonly container: string;
  readonly previous: boolean;
}

/**
 * Which run of a container a reader of logs means; throws an `ApiError` in the kubelet's words when there is none. `members` are the runs of that
 * container, newest first.
 */
export function logSource(
  pod: Pod,
  status: PodStatus,
  members: readonly ObservedMember[],
  wish: LogWish,
): ObservedMember {
  const { container, previous } = wish;
  const { name } = pod.metadata;
  if (!specifiedContainers(pod).some(({ spec }) => spec.name === container)) {
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const ran = members.filter(({ state, removed }) => state.kind !== 'created' && !removed);
  const newest = ran[0];
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = statuses.find((entry) => entry.name === container)?.state?.waiting;
  if (!previous) {
    if (newest !== undefined) return newest;
    const reason = waiting?.reason ?? 'ContainerCreating';
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${waiting?.message ?? reason}`);
  }
  // While it waits to be started again, its last run is the one before the one to come.
  const before =
    newest?.state.kind === 'exited' && waiting !== undefined
      ? newest
      : ran.slice(1).find(({ state }) => state.kind === 'exited');
  if (before === undefined) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  return before;
}

/** The Status to send for whatever went wrong. */
export function statusBytes(error: unknown): Buffer {
  const known =
    error instanceof ApiError
      ? error
      : new ApiError('InternalError', error instanceof Error ? error.message : String(error));
  return Buffer.from(JSON.stringify(known.status));
}
