import type { ContainerStatus, Pod } from '@berth/api';
import { engineId } from '../status/container-status.ts';
import { isMember, type ObservedContainer } from './observed-container.ts';
import type { PodMemoryBook } from './pod-memory-book.ts';

/**
 * Takes over a pod that runs already. Its start hooks have run, its probes keep the answers that were reported last (a ready pod
 * must not drop out of its service because the agent was restarted), and attempts go on counting where the status left them.
 */
export function adoptPod(pod: Pod, containers: readonly ObservedContainer[], memory: PodMemoryBook): void {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const status of statuses) {
    if (status.containerID !== undefined) memory.sawAttempt(status.name, status.restartCount);
  }
  for (const container of containers.filter(isMember)) {
    memory.sawAttempt(container.identity.container, container.identity.attempt);
    if (container.state.kind !== 'running') continue;
    const reported = statuses.find(({ containerID }) => containerID === engineId(container.id));
    memory.changeRun(container.id, { postStart: 'done', ...reportedProbes(reported) });
    const { container: name, attempt } = container.identity;
    memory.changeContainer(name, { image: { kind: 'present', attempt } });
  }
}

function reportedProbes(status: ContainerStatus | undefined): { startup?: boolean; readiness?: boolean } {
  if (status === undefined) return {};
  return { ...(status.started === true ? { startup: true } : {}), ...(status.ready ? { readiness: true } : {}) };
}
