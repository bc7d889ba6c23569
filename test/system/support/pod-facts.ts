import type { Pod } from '@berth/api';
import type { Kubectl } from './kubectl.ts';
import { type AwaitedObjects, untilObjects } from './object-watch.ts';

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Neither being deleted nor ended. */
export function isActive(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded'
  );
}

export function nodeOf(pod: Pod): string {
  return pod.spec.nodeName ?? '';
}

export function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0);
}

/** Docker's ids of all containers as the status names them. */
export function containerIds(pods: readonly Pod[]): readonly string[] {
  return pods
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .map(({ containerID }) => (containerID ?? '').replace('docker://', ''))
    .sort();
}

export interface AwaitedPods {
  readonly app: string;
  readonly count: number;
  readonly withinMs: number;
}

/** Waits until exactly `count` pods of an app exist, all of them Ready and none on its way out. */
export function untilReady(kubectl: Kubectl, namespace: string, { app, count, withinMs }: AwaitedPods): Promise<Pod[]> {
  return untilPods(kubectl, namespace, {
    app,
    what: `${count} pods of ${app} are Ready, and no more exist`,
    withinMs,
    isSo: (pods) => pods.length === count && pods.every((pod) => isActive(pod) && isReady(pod)),
  });
}

export function untilPods(
  kubectl: Kubectl,
  namespace: string,
  { app, ...awaited }: Omit<AwaitedObjects<Pod>, 'resource' | 'namespace' | 'labelSelector'> & { readonly app: string },
): Promise<Pod[]> {
  return untilObjects<Pod>(kubectl, { resource: 'pods', namespace, labelSelector: `app=${app}`, ...awaited });
}
