import type { Pod } from '@berth/api';
import {
  type ExitedMember,
  isExitedMember,
  isRunningMember,
  type ObservedMember,
  type RunningMember,
} from './observed-container.ts';
import { freshRun, type RunMemory } from './pod-memory.ts';
import { newestMember, type PodSituation, type SpecifiedContainer } from './pod-situation.ts';
import { nextBackoffSeconds, restartDelaySeconds } from './restart-delay.ts';

/** How far a container of the specification has come. */
export type ContainerProgress =
  | { readonly kind: 'absent' }
  | { readonly kind: 'created'; readonly member: ObservedMember }
  | { readonly kind: 'running'; readonly member: RunningMember; readonly run: RunMemory; readonly started: boolean }
  /** It ended and will run again at `dueMs` (monotonic). */
  | {
      readonly kind: 'waiting';
      readonly member: ExitedMember;
      readonly dueMs: number;
      readonly delaySeconds: number;
      /** To wait when the next attempt ends early as well. */
      readonly backoffSeconds: number;
    }
  /** It ended for good. */
  | { readonly kind: 'finished'; readonly member: ExitedMember; readonly succeeded: boolean };

export function containerProgress(situation: PodSituation, pod: Pod, container: SpecifiedContainer): ContainerProgress {
  const member = newestMember(situation, container.spec.name);
  if (isRunningMember(member)) {
    const run = situation.memory.runs.get(member.id) ?? freshRun;
    return { kind: 'running', member, run, started: hasStarted(container, run) };
  }
  if (isExitedMember(member)) return endedProgress(situation, pod, container, member);
  if (member === undefined || member.removed) return { kind: 'absent' };
  return { kind: 'created', member };
}

function endedProgress(
  situation: PodSituation,
  pod: Pod,
  container: SpecifiedContainer,
  member: ExitedMember,
): ContainerProgress {
  const { exitCode, startError } = member.state;
  const succeeded = exitCode === 0 && startError === '';
  if (!runsAgain(pod, container, succeeded)) return { kind: 'finished', member, succeeded };
  const { backoffSeconds } = member.identity;
  const endedAtMs = situation.memory.runs.get(member.id)?.endedAtMs ?? situation.nowMs;
  // Somebody took it away, which is no crash: the series stays where it was.
  if (member.removed) return { kind: 'waiting', member, delaySeconds: 0, backoffSeconds, dueMs: endedAtMs };
  const delaySeconds = restartDelaySeconds({ ...member.state, backoffSeconds });
  const dueMs = endedAtMs + delaySeconds * 1000;
  return { kind: 'waiting', member, delaySeconds, backoffSeconds: nextBackoffSeconds(delaySeconds), dueMs };
}

/** Kubernetes' rule; an init container of a pod that is always restarted still ends when it succeeds. */
function runsAgain(pod: Pod, { role, sidecar }: SpecifiedContainer, succeeded: boolean): boolean {
  if (sidecar) return true;
  const policy = pod.spec.restartPolicy ?? 'Always';
  if (policy === 'Always' && role === 'container') return true;
  return policy !== 'Never' && !succeeded;
}

/** Its start hook has ended and its startup probe, if it has one, has succeeded. */
function hasStarted({ spec }: SpecifiedContainer, run: RunMemory): boolean {
  const hookEnded = spec.lifecycle?.postStart === undefined || run.postStart === 'done';
  return hookEnded && (spec.startupProbe === undefined || run.startup === true);
}

/** Ready for traffic: started, and its readiness probe, if it has one, succeeds. */
export function isReady(container: SpecifiedContainer, progress: ContainerProgress): boolean {
  if (progress.kind !== 'running' || !progress.started) return false;
  return container.spec.readinessProbe === undefined || progress.run.readiness === true;
}
