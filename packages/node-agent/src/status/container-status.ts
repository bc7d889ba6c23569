import {
  type ContainerState,
  type ContainerStateTerminated,
  type ContainerStatus,
  formatTime,
  type Pod,
} from '@berth/api';
import { isReady } from '../pod/container-progress.ts';
import { type ExitedMember, isExitedMember, type ObservedMember } from '../pod/observed-container.ts';
import { type ContainerMemory, type Failure, freshContainer, type RunMemory } from '../pod/pod-memory.ts';
import type { TrackedContainer } from '../pod/pod-progress.ts';
import { isBeingDeleted, newestMember, type PodSituation } from '../pod/pod-situation.ts';
import { freshFailureMs } from '../pod/run-plan.ts';

/** One entry of `status.containerStatuses` or `status.initContainerStatuses`, in the kubelet's words. */
export function containerStatus(
  situation: PodSituation,
  pod: Pod,
  container: TrackedContainer,
  previous: ContainerStatus | undefined,
): ContainerStatus {
  const { spec, progress } = container;
  if (progress.kind === 'absent' && previous?.state?.terminated !== undefined && isEnding(pod)) return previous;
  const known = situation.memory.containers.get(spec.name) ?? freshContainer;
  const newest = newestMember(situation, spec.name);
  const state = currentState(situation, pod, container, known);
  const ended = lastEnded(situation, newest, state, previous);
  return {
    name: spec.name,
    state,
    lastState: ended === undefined ? {} : { terminated: ended },
    ready: container.role === 'init' && !container.sidecar ? hasSucceeded(container) : isReady(container, progress),
    restartCount: Math.max(0, known.attempt, newest?.identity.attempt ?? 0, previous?.restartCount ?? 0),
    image: spec.image ?? '',
    imageID: newest?.imageId ?? previous?.imageID ?? '',
    ...(newest === undefined || newest.state.kind === 'created'
      ? keptId(previous)
      : { containerID: engineId(newest.id) }),
    // Of an init container it is its end that counts, not its start.
    started: (container.role === 'container' || container.sidecar) && progress.kind === 'running' && progress.started,
  };
}

/** Its containers will not run again: when their records are removed, what was told of them stays true. */
function isEnding(pod: Pod): boolean {
  return isBeingDeleted(pod) || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function hasSucceeded({ progress }: TrackedContainer): boolean {
  return progress.kind === 'finished' && progress.succeeded;
}

function keptId(previous: ContainerStatus | undefined): { readonly containerID?: string } {
  return previous?.containerID === undefined ? {} : { containerID: previous.containerID };
}

export function engineId(containerId: string): string {
  return `docker://${containerId}`;
}

function currentState(
  situation: PodSituation,
  pod: Pod,
  { spec, progress }: TrackedContainer,
  known: ContainerMemory,
): ContainerState {
  if (progress.kind === 'running') {
    return { running: { startedAt: formatTime(progress.member.state.startedAtMs) } };
  }
  if (progress.kind === 'finished') return { terminated: terminatedState(progress.member, situation.memory.runs) };
  const trouble =
    known.image.kind === 'failed' ? imageTrouble(known.image.failure, spec.image, situation.nowMs) : known.failure;
  if (trouble !== undefined) return { waiting: { reason: trouble.reason, message: trouble.message } };
  if (progress.kind === 'waiting') {
    if (situation.nowMs >= progress.dueMs)
      return { terminated: terminatedState(progress.member, situation.memory.runs) };
    const where = `${spec.name} pod=${pod.metadata.name}_${pod.metadata.namespace}(${situation.uid})`;
    const message = `back-off ${delayText(progress.delaySeconds)} restarting failed container=${where}`;
    return { waiting: { reason: 'CrashLoopBackOff', message } };
  }
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  return { waiting: { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' } };
}

/** A fresh failure is shown as such; while the next try waits, it is a back-off. */
function imageTrouble(failure: Failure, image: string | undefined, nowMs: number): Pick<Failure, 'reason' | 'message'> {
  if (failure.reason !== 'ErrImagePull' || nowMs < failure.atMs + freshFailureMs) return failure;
  return { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${failure.message}` };
}

/** As Go prints durations: `10s`, `1m20s`, `5m0s`. */
function delayText(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function terminatedState(member: ExitedMember, runs: ReadonlyMap<string, RunMemory>): ContainerStateTerminated {
  const { state } = member;
  const message = state.startError === '' ? runs.get(member.id)?.terminationMessage : state.startError;
  return {
    exitCode: state.exitCode,
    reason: terminationReason(state),
    ...(message === undefined || message === '' ? {} : { message }),
    ...(state.startedAtMs === undefined ? {} : { startedAt: formatTime(state.startedAtMs) }),
    finishedAt: formatTime(state.finishedAtMs),
    containerID: engineId(member.id),
  };
}

function terminationReason(state: ExitedMember['state']): string {
  if (state.startError !== '') return 'StartError';
  if (state.oomKilled) return 'OOMKilled';
  return state.exitCode === 0 ? 'Completed' : 'Error';
}

/** The end before the one that `state` shows: from the engine while it has the record, else as we reported it. */
function lastEnded(
  situation: PodSituation,
  newest: ObservedMember | undefined,
  state: ContainerState,
  previous: ContainerStatus | undefined,
): ContainerStateTerminated | undefined {
  const { runs } = situation.memory;
  if (isExitedMember(newest) && state.terminated === undefined) return terminatedState(newest, runs);
  const older = situation.members
    .get(newest?.identity.container ?? '')
    ?.slice(1)
    .find(isExitedMember);
  if (older !== undefined) return terminatedState(older, runs);
  const shown = newest === undefined ? undefined : engineId(newest.id);
  const reported = [previous?.state?.terminated, previous?.lastState?.terminated];
  return reported.find((ended) => ended !== undefined && ended.containerID !== shown);
}
