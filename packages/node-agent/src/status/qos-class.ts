import type { Pod, PodSpec, ResourceRequirements } from '@berth/api';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

/** Kubernetes' quality-of-service class: the server's answer where it gave one, else by the same rule. */
export function qosClass(pod: Pod): QosClass {
  const told = pod.status?.qosClass;
  if (told === 'Guaranteed' || told === 'Burstable' || told === 'BestEffort') return told;
  return qosClassOf(pod.spec);
}

/** Guaranteed: every container limits cpu and memory and requests just that. BestEffort: no container asks for anything. */
export function qosClassOf(spec: PodSpec): QosClass {
  const all = [...(spec.initContainers ?? []), ...spec.containers].map(({ resources }) => resources ?? {});
  if (all.every((resources) => !asksForAnything(resources))) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function asksForAnything({ requests, limits }: ResourceRequirements): boolean {
  return counted.some((resource) => requests?.[resource] !== undefined || limits?.[resource] !== undefined);
}

function isGuaranteed({ requests, limits }: ResourceRequirements): boolean {
  return counted.every((resource) => {
    const limit = limits?.[resource];
    return limit !== undefined && (requests?.[resource] ?? limit) === limit;
  });
}
