import type { ContainerStatus } from '@berth/api';
import type { PodProgress } from '../pod/pod-progress.ts';

/** Kubernetes' five phases without `Unknown`, which no node reports of itself. */
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/** `ended`: the pod is being deleted and nothing of it runs any more, so its containers will not run again. */
export function podPhase(
  progress: PodProgress,
  statuses: readonly ContainerStatus[],
  { ended }: { readonly ended: boolean },
): PodPhase {
  if (progress.outcome.kind === 'succeeded') return 'Succeeded';
  if (progress.outcome.kind === 'failed') return 'Failed';
  if (ended && statuses.every(({ state }) => state?.terminated !== undefined)) {
    return statuses.every(({ state }) => state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  if (!progress.initialized) return 'Pending';
  // Waiting for the first time keeps a pod Pending; waiting for a restart does not.
  const fresh = statuses.some(
    ({ state, lastState }) => state?.waiting !== undefined && lastState?.terminated === undefined,
  );
  return fresh ? 'Pending' : 'Running';
}
