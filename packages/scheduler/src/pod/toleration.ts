import type { Taint, Toleration } from '@berth/api';

/** Whether one toleration covers a taint: key and effect equal or left open, the value equal unless the operator is `Exists`. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  const hasKey = toleration.key !== undefined && toleration.key !== '';
  if (hasKey && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return hasKey && (toleration.value ?? '') === (taint.value ?? '');
}

/** The first taint with one of `effects` that no toleration covers. */
export function untolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly string[],
): Taint | undefined {
  return taints.find(
    (taint) => effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}
