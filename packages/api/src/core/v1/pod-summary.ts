import { formatAge } from '../../text/age.ts';
import type { ContainerStatus } from './container-status.ts';
import type { Pod } from './pod.ts';

/** A pod in the few words of `kubectl get pods`. */
export interface PodSummary {
  readonly status: string;
  readonly ready: number;
  /** Containers that run beside each other: init containers count when they keep running (sidecars). */
  readonly total: number;
  readonly restarts: number;
  /** When the last restart began, as RFC 3339. */
  readonly lastRestart: string | undefined;
}

export function podSummary(pod: Pod): PodSummary {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const runningSidecars = initContainerStatuses.filter(({ name }) => sidecars.has(name));
  const initialization = initializationOf(pod, sidecars);
  const isInitialized = initialization === undefined || hasCondition(pod, 'Initialized');
  // Once the containers run, restarts of the init containers before them are old news.
  const counted = isInitialized ? [...runningSidecars, ...containerStatuses] : initContainerStatuses;
  const beside = isInitialized ? counted : runningSidecars;
  return {
    status: overriding(pod) ?? (isInitialized ? runningText(pod, initialization) : initialization),
    ready: beside.filter(isReady).length,
    total: pod.spec.containers.length + sidecars.size,
    restarts: counted.reduce((sum, container) => sum + container.restartCount, 0),
    lastRestart: lastRestart(counted),
  };
}

/** `3 (5m ago)`. */
export function restartsText({ restarts, lastRestart: time }: PodSummary, nowMs: number): string {
  return restarts === 0 || time === undefined ? String(restarts) : `${restarts} (${formatAge(time, nowMs)} ago)`;
}

function isSidecar({ restartPolicy }: { readonly restartPolicy?: string }): boolean {
  return restartPolicy === 'Always';
}

/** What is said of a pod whatever its containers do. */
function overriding({ metadata, status }: Pod): string | undefined {
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  // Nobody can say what the containers of a lost node do.
  if (status?.reason === 'NodeLost' && !isOver) return 'Unknown';
  return metadata.deletionTimestamp !== undefined && !isOver ? 'Terminating' : undefined;
}

function phaseText({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  return gated === true ? 'SchedulingGated' : (status?.reason ?? status?.phase ?? '');
}

/** How far the init containers are; undefined once all are through (or there are none). */
function initializationOf({ spec, status }: Pod, sidecars: ReadonlySet<string>): string | undefined {
  const containers = status?.initContainerStatuses ?? [];
  const at = containers.findIndex(
    ({ name, state, started }) => state?.terminated?.exitCode !== 0 && !(sidecars.has(name) && started === true),
  );
  const current = containers[at]?.state;
  if (current === undefined) return undefined;
  if (current.terminated !== undefined) return `Init:${endText(current.terminated)}`;
  const waiting = current.waiting?.reason;
  if (waiting !== undefined && waiting !== 'PodInitializing') return `Init:${waiting}`;
  return `Init:${at}/${spec.initContainers?.length ?? 0}`;
}

function runningText(pod: Pod, initialization: string | undefined): string {
  const containers = pod.status?.containerStatuses ?? [];
  // The first container has the last word.
  const speaking = containers.map(containerText).find((text) => text !== undefined);
  const text = speaking ?? initialization ?? phaseText(pod);
  if (text !== 'Completed' || !containers.some(isReady)) return text;
  return hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
}

function containerText({ state }: ContainerStatus): string | undefined {
  if (state?.waiting?.reason !== undefined && state.waiting.reason !== '') return state.waiting.reason;
  return state?.terminated === undefined ? undefined : endText(state.terminated);
}

interface End {
  readonly reason?: string;
  readonly signal?: number;
  readonly exitCode: number;
}

function endText({ reason, signal, exitCode }: End): string {
  if (reason !== undefined && reason !== '') return reason;
  return signal === undefined ? `ExitCode:${exitCode}` : `Signal:${signal}`;
}

function isReady({ ready, state }: ContainerStatus): boolean {
  return ready && state?.running !== undefined;
}

function hasCondition({ status }: Pod, wanted: string): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === wanted && value === 'True') === true;
}

function lastRestart(containers: readonly ContainerStatus[]): string | undefined {
  const ends = containers.map(({ lastState }) => lastState?.terminated?.finishedAt).filter((end) => end !== undefined);
  return ends.sort().at(-1);
}
