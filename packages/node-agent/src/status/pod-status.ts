import { type ContainerStatus, formatTime, type Pod, type PodStatus, qosClass } from '@berth/api';
import { type PodProgress, podProgress } from '../pod/pod-progress.ts';
import { isBeingDeleted, liveSandbox, type PodSituation } from '../pod/pod-situation.ts';
import { containerStatus } from './container-status.ts';
import { podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';

/** The addresses of this node, the most important one first. */
export type HostIps = readonly string[];

/**
 * The status that a node reports of a pod. `previous` is what was reported last (or what the server had when this process first heard of the
 * pod): from it come start time, transition times and the ends of containers that the engine has forgotten.
 */
export function podStatus(situation: PodSituation, pod: Pod, previous: PodStatus, hostIps: HostIps): PodStatus {
  const progress = podProgress(situation, pod);
  const statuses = new Map(
    progress.containers.map((container) => {
      const reported = [...(previous.initContainerStatuses ?? []), ...(previous.containerStatuses ?? [])];
      const before = reported.find(({ name }) => name === container.spec.name);
      return [container.spec.name, containerStatus(situation, pod, container, before)];
    }),
  );
  const initStatuses = statusesOf(progress, statuses, 'init');
  const mainStatuses = statusesOf(progress, statuses, 'container');
  const running = [...statuses.values()].some(({ state }) => state?.running !== undefined);
  const phase = podPhase(progress, mainStatuses, { ended: isBeingDeleted(pod) && !running });
  const sandboxReady = isSandboxReady(situation, pod, previous);
  const { outcome } = progress;
  return {
    phase,
    conditions: podConditions({
      pod,
      progress,
      phase,
      sandboxReady,
      initStatuses,
      mainStatuses,
      previous: previous.conditions ?? [],
      wallMs: situation.wallMs,
    }),
    ...(outcome.kind === 'failed' && outcome.message !== undefined ? { message: outcome.message } : {}),
    ...(outcome.kind === 'failed' && outcome.reason !== undefined ? { reason: outcome.reason } : {}),
    ...addresses(situation, pod, previous, hostIps),
    startTime: previous.startTime ?? formatTime(situation.wallMs),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses: mainStatuses,
    // The server's answer where it gave one: it never changes.
    qosClass: pod.status?.qosClass ?? qosClass(pod.spec),
  };
}

function statusesOf(
  progress: PodProgress,
  statuses: ReadonlyMap<string, ContainerStatus>,
  wanted: 'init' | 'container',
): readonly ContainerStatus[] {
  return progress.containers.flatMap(({ role, spec }) => {
    const status = statuses.get(spec.name);
    return role === wanted && status !== undefined ? [status] : [];
  });
}

/** A sandbox that was reported ready stays so while a new agent process looks after its wire. */
function isSandboxReady(situation: PodSituation, pod: Pod, previous: PodStatus): boolean {
  const live = liveSandbox(situation);
  if (live === undefined) return false;
  if (pod.spec.hostNetwork === true || situation.memory.wiredSandboxes.has(live.id)) return true;
  const reported = previous.conditions?.find(({ type }) => type === 'PodReadyToStartContainers');
  return reported?.status === 'True' && previous.podIP === live.identity.podIp;
}

/** The address stays in the status after the sandbox has gone: it tells who had it. */
function addresses(
  situation: PodSituation,
  pod: Pod,
  previous: PodStatus,
  hostIps: HostIps,
): Pick<PodStatus, 'hostIP' | 'hostIPs' | 'podIP' | 'podIPs'> {
  const [hostIp] = hostIps;
  const own = situation.sandboxes[0]?.identity.podIp ?? previous.podIP;
  const podIp = pod.spec.hostNetwork === true ? hostIp : own === '' ? undefined : own;
  return {
    ...(hostIp === undefined ? {} : { hostIP: hostIp, hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
  };
}
