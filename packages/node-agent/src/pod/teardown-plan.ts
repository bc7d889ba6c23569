import type { Pod } from '@berth/api';
import { isRunningMember, type ObservedMember, type RunningMember } from './observed-container.ts';
import type { PlanDraft } from './pod-action.ts';
import { isBeingDeleted, type PodSituation, type SpecifiedContainer, specifiedContainers } from './pod-situation.ts';
import { planStop } from './stop-plan.ts';

/** What remains of a pod whose object is gone gets a moment to say goodbye, no more. */
const goneGraceMs = 1000;
/** New connections to a pod that is being deleted have to end before it may; so long we wait for that, */
const unservedLimitMs = 1000;
/** and so long for the kernels of other machines, which learn of it at the same time as ours. */
const settleMs = 100;

/** Grace period of the pod: of its deletion once it is being deleted, else of its specification. */
export function podGraceMs(pod: Pod): number {
  const ofDeletion = isBeingDeleted(pod) ? pod.metadata.deletionGracePeriodSeconds : undefined;
  return (ofDeletion ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
}

/** One running container of a pod is to end. */
export function planStopOf(
  draft: PlanDraft,
  situation: PodSituation,
  pod: Pod | undefined,
  member: ObservedMember,
  { graceMs, reason }: { readonly graceMs: number; readonly reason: string },
): void {
  const { container: name } = member.identity;
  const lifecycle =
    pod === undefined ? undefined : specifiedContainers(pod).find(({ spec }) => spec.name === name)?.spec.lifecycle;
  planStop(draft, situation.memory, situation.nowMs, member, {
    name,
    graceMs,
    reason,
    preStop: lifecycle?.preStop,
    stopSignal: lifecycle?.stopSignal,
  });
}

/**
 * Ends a pod: its containers (sidecars last, in reverse order), then its sandbox. With `erase` nothing is left afterwards; otherwise
 * the ended containers stay, for their logs.
 */
export function planTeardown(
  draft: PlanDraft,
  situation: PodSituation,
  options: { readonly pod: Pod | undefined; readonly erase: boolean },
): void {
  const { pod, erase } = options;
  const running = [...situation.members.values()].flat().filter(isRunningMember);
  if (running.length > 0 && isStillServed(draft, situation)) return;
  if (running.length > 0) {
    const graceMs = situation.goal.kind === 'gone' || pod === undefined ? goneGraceMs : podGraceMs(pod);
    for (const member of nextToStop(running, pod)) {
      planStopOf(draft, situation, pod, member, { graceMs, reason: `Stopping container ${member.identity.container}` });
    }
    return;
  }
  const members = erase ? [...situation.members.values()].flat() : [];
  const leftovers = [...situation.sandboxes, ...members].filter(({ removed }) => !removed);
  for (const { id } of leftovers) draft.add({ kind: 'remove', containerId: id });
  // Something under way may still add to the leftovers.
  const settled = leftovers.length === 0 && situation.memory.busy.size === 0;
  if (erase && settled) draft.add({ kind: 'release' });
}

/** The order of a loss-free end: out of the services first, then the stop signal. */
function isStillServed(draft: PlanDraft, { goal, memory, nowMs }: PodSituation): boolean {
  const { deletionSeenMs, lastServedMs } = memory;
  if (goal.kind === 'gone' || podGraceMs(goal.pod) === 0) return false;
  if (deletionSeenMs === undefined || lastServedMs === undefined) return false;
  const untilMs = Math.min(lastServedMs + settleMs, deletionSeenMs + unservedLimitMs);
  if (nowMs >= untilMs) return false;
  draft.wakeAt(untilMs);
  return true;
}

function nextToStop(running: readonly RunningMember[], pod: Pod | undefined): readonly RunningMember[] {
  const sidecars = pod === undefined ? [] : specifiedContainers(pod).filter(({ sidecar }) => sidecar);
  const isSidecar = (member: RunningMember) => sidecars.some(({ spec }) => spec.name === member.identity.container);
  const others = running.filter((member) => !isSidecar(member));
  if (others.length > 0) return others;
  const last = sidecars.findLast((sidecar: SpecifiedContainer) =>
    running.some(({ identity }) => identity.container === sidecar.spec.name),
  );
  return running.filter(({ identity }) => identity.container === last?.spec.name);
}
