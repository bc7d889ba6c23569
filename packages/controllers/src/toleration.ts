import type { Taint, Toleration } from '@berth/api';

export const unreachableTaint = 'node.kubernetes.io/unreachable';
export const notReadyTaint = 'node.kubernetes.io/not-ready';

/** Kubernetes' rule: an empty effect matches every effect, an empty key with `Exists` every key. */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== '' && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

/**
 * How long these tolerations let a pod stay on a node with this `NoExecute` taint: the shortest limit of those that match,
 * `Infinity` when none has one, undefined when nothing matches.
 */
export function toleratedMs(tolerations: readonly Toleration[] | undefined, taint: Taint): number | undefined {
  const matching = (tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
  if (matching.length === 0) return undefined;
  return Math.min(
    ...matching.map(({ tolerationSeconds }) =>
      tolerationSeconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, tolerationSeconds) * 1000,
    ),
  );
}
