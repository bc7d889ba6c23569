import { type Deployment, scaledValue } from '@berth/api';

/** How far a rolling update may go above and below the wanted number of pods. */
export interface RolloutBounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

const defaultShare = '25%';

export function isRollingUpdate({ spec }: Pick<Deployment, 'spec'>): boolean {
  return (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** Surge is rounded up and unavailability down; if both come out as 0, one pod may be missing, or nothing could ever move. */
export function rolloutBounds(deployment: Pick<Deployment, 'spec'>): RolloutBounds {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const replicas = deployment.spec.replicas ?? 1;
  const { maxSurge = defaultShare, maxUnavailable = defaultShare } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, replicas, 'up');
  const unavailable = Math.min(scaledValue(maxUnavailable, replicas, 'down'), replicas);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? Math.min(1, replicas) : unavailable };
}
