import type { Pod } from '@berth/api';
import { parseTime } from '@berth/api';
import { type ContainerProgress, containerProgress } from './container-progress.ts';
import { newestMember, type PodSituation, type SpecifiedContainer, specifiedContainers } from './pod-situation.ts';
import { forbiddenSysctl } from './safe-sysctls.ts';

export interface TrackedContainer extends SpecifiedContainer {
  readonly progress: ContainerProgress;
}

/** How far a pod has come as a whole. */
export interface PodProgress {
  readonly containers: readonly TrackedContainer[];
  readonly initialized: boolean;
  /** Those that should run or be started now: sidecars up to the init container at work, that one, or all others. */
  readonly due: readonly TrackedContainer[];
  readonly outcome: PodOutcome;
}

export type PodOutcome =
  | { readonly kind: 'open' }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly reason?: string; readonly message?: string };

export function podProgress(situation: PodSituation, pod: Pod): PodProgress {
  const containers = specifiedContainers(pod).map((container): TrackedContainer => {
    return { ...container, progress: containerProgress(situation, pod, container) };
  });
  const init = containers.filter(({ role }) => role === 'init');
  const main = containers.filter(({ role }) => role === 'container');
  // An init container's record may have been cleaned away since: what came after it proves that it succeeded.
  const mainBegan = main.some(({ spec }) => isOfNewestSandbox(situation, spec.name));
  const blocked = mainBegan ? undefined : init.find((container) => !letsNextBegin(container));
  const initialized = blocked === undefined;
  const reached = initialized ? init : init.slice(0, init.indexOf(blocked) + 1);
  const due = initialized
    ? [...init.filter(({ sidecar }) => sidecar), ...main]
    : reached.filter((container) => container.sidecar || container === blocked);
  return { containers, initialized, due, outcome: outcomeOf(situation, pod, init, main) };
}

function isOfNewestSandbox(situation: PodSituation, name: string): boolean {
  const member = newestMember(situation, name);
  return member !== undefined && member.identity.sandboxId === situation.sandboxes[0]?.id;
}

function letsNextBegin({ sidecar, progress }: TrackedContainer): boolean {
  return sidecar ? progress.kind === 'running' && progress.started : progress.kind === 'finished' && progress.succeeded;
}

function outcomeOf(
  situation: PodSituation,
  pod: Pod,
  init: readonly TrackedContainer[],
  main: readonly TrackedContainer[],
): PodOutcome {
  const told = pod.status;
  if (told?.phase === 'Succeeded') return { kind: 'succeeded' };
  if (told?.phase === 'Failed') {
    const { reason, message } = told;
    return {
      kind: 'failed',
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    };
  }
  const sysctl = forbiddenSysctl(pod);
  if (sysctl !== undefined) {
    return { kind: 'failed', reason: 'SysctlForbidden', message: `forbidden sysctl: "${sysctl}" not allowlisted` };
  }
  if (isOverDeadline(situation, pod)) {
    return {
      kind: 'failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    };
  }
  if (init.some(({ progress }) => progress.kind === 'finished' && !progress.succeeded)) return { kind: 'failed' };
  const ended = main.flatMap(({ progress }) => (progress.kind === 'finished' ? [progress] : []));
  if (ended.length < main.length) return { kind: 'open' };
  return ended.every(({ succeeded }) => succeeded) ? { kind: 'succeeded' } : { kind: 'failed' };
}

/** When `activeDeadlineSeconds` runs out, in milliseconds since the epoch, whoever counts; undefined without one. */
export function deadlineMs(pod: Pod): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  const start = pod.status?.startTime === undefined ? undefined : parseTime(pod.status.startTime);
  return seconds === undefined || start === undefined ? undefined : start + seconds * 1000;
}

function isOverDeadline(situation: PodSituation, pod: Pod): boolean {
  const deadline = deadlineMs(pod);
  return deadline !== undefined && situation.wallMs >= deadline;
}
