import { type ContainerStatus, formatTime, type Pod, type PodCondition } from '@berth/api';
import type { PodProgress } from '../pod/pod-progress.ts';
import type { PodPhase } from './pod-phase.ts';

interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export interface ConditionFacts {
  readonly pod: Pod;
  readonly progress: PodProgress;
  readonly phase: PodPhase;
  readonly sandboxReady: boolean;
  readonly initStatuses: readonly ContainerStatus[];
  readonly mainStatuses: readonly ContainerStatus[];
  readonly previous: readonly PodCondition[];
  readonly wallMs: number;
}

/**
 * The conditions that a node decides, in the kubelet's order and words; all others (PodScheduled, Disconnected, readiness gates) are somebody
 * else's. A transition time moves only when the status does.
 */
export function podConditions(facts: ConditionFacts): readonly PodCondition[] {
  const containersReady = containersReadyVerdict(facts);
  const verdicts: readonly Verdict[] = [
    { type: 'PodReadyToStartContainers', status: facts.sandboxReady ? 'True' : 'False' },
    initializedVerdict(facts),
    readyVerdict(facts, containersReady),
    containersReady,
  ];
  return verdicts.map((verdict) => {
    const before = facts.previous.find(({ type }) => type === verdict.type);
    const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
    return { ...verdict, lastTransitionTime: since ?? formatTime(facts.wallMs) };
  });
}

function initializedVerdict({ progress, initStatuses, phase }: ConditionFacts): Verdict {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  if (progress.initialized) return { type, status: 'True' };
  const incomplete = initStatuses.filter(({ ready, started }) => !ready && !started).map(({ name }) => name);
  return {
    type,
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.join(' ')}]`,
  };
}

function containersReadyVerdict({ phase, progress, initStatuses, mainStatuses }: ConditionFacts): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const sidecars = new Set(progress.containers.filter(({ sidecar }) => sidecar).map(({ spec }) => spec.name));
  const counted = [...initStatuses.filter(({ name }) => sidecars.has(name)), ...mainStatuses];
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
}

function readyVerdict({ pod }: ConditionFacts, containersReady: Verdict): Verdict {
  if (containersReady.status === 'False') return { ...containersReady, type: 'Ready' };
  const given = pod.status?.conditions ?? [];
  const closed = (pod.spec.readinessGates ?? [])
    .map(({ conditionType }) => conditionType)
    .filter((gate) => !given.some(({ type, status }) => type === gate && status === 'True'));
  if (closed.length === 0) return { type: 'Ready', status: 'True' };
  return {
    type: 'Ready',
    status: 'False',
    reason: 'ReadinessGatesNotReady',
    message: closed.map((gate) => `corresponding condition of pod readiness gate "${gate}" does not exist.`).join(', '),
  };
}
