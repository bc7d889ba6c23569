import { parseQuantity } from '../../quantity/quantity.ts';
import type { Container } from './container.ts';
import type { PodSpec } from './pod-spec.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const resources = ['cpu', 'memory'] as const;

/**
 * How firmly the resources of a pod are promised: all limited to what they request, some requested, none. Follows from the spec
 * of a defaulted pod and never changes.
 */
export function qosClass(spec: Pick<PodSpec, 'containers' | 'initContainers'>): QosClass {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  if (containers.every(asksForNothing)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function asksForNothing({ resources: given }: Container): boolean {
  return resources.every((name) => !isPositive(given?.requests?.[name]) && !isPositive(given?.limits?.[name]));
}

function isGuaranteed({ resources: given }: Container): boolean {
  return resources.every((name) => {
    const limit = given?.limits?.[name];
    return isPositive(limit) && (given?.requests?.[name] ?? limit) === limit;
  });
}

function isPositive(text: string | undefined): text is string {
  return text !== undefined && parseQuantity(text).nanos > 0n;
}
