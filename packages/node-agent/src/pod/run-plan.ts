import type { Pod } from '@berth/api';
import { configHash } from './config-hash.ts';
import { isRunningMember, type ObservedSandbox } from './observed-container.ts';
import type { PlanDraft } from './pod-action.ts';
import { freshContainer } from './pod-memory.ts';
import type { PodProgress, TrackedContainer } from './pod-progress.ts';
import { liveSandbox, type PodSituation } from './pod-situation.ts';
import { retryDelayMs } from './restart-delay.ts';
import { planStopOf, podGraceMs } from './teardown-plan.ts';

/** How long a fresh failure keeps its first name (`ErrImagePull`) before it is called a back-off. */
export const freshFailureMs = 2000;
const retryMakingMs = 10_000;
const hookRefusal = 'FailedPostStartHook';

/** The steps that bring a pod to life or keep it there. */
export function planRun(draft: PlanDraft, situation: PodSituation, pod: Pod, progress: PodProgress): void {
  planFiles(draft, situation);
  const sandbox = planSandbox(draft, situation, pod);
  for (const container of progress.due) planContainer(draft, situation, pod, sandbox, container);
  planLeftovers(draft, situation);
}

function planFiles(draft: PlanDraft, { memory, nowMs }: PodSituation): void {
  if (memory.files.kind === 'pending') draft.add({ kind: 'prepare-files' });
  if (memory.files.kind !== 'failed') return;
  const dueMs = memory.files.failure.atMs + Math.min(2000 * 2 ** (memory.files.failure.count - 1), 120_000);
  if (nowMs >= dueMs) draft.add({ kind: 'prepare-files' });
  else draft.wakeAt(dueMs);
}

/** Where containers may be made: undefined until there is such a sandbox. */
interface UsableSandbox {
  readonly sandbox: ObservedSandbox;
  /** Its network stands: programs may start. */
  readonly open: boolean;
}

function planSandbox(draft: PlanDraft, situation: PodSituation, pod: Pod): UsableSandbox | undefined {
  const { memory } = situation;
  const live = liveSandbox(situation);
  if (live !== undefined) {
    const open = pod.spec.hostNetwork === true || memory.wiredSandboxes.has(live.id);
    if (!open) draft.add({ kind: 'attach-network', containerId: live.id });
    return { sandbox: live, open };
  }
  const newest = situation.sandboxes[0];
  if (newest?.state.kind === 'created' && !newest.removed) {
    draft.add({ kind: 'start-sandbox', containerId: newest.id });
    return { sandbox: newest, open: false };
  }
  planNewSandbox(draft, situation, pod);
  return undefined;
}

/** Whatever ran in the sandbox before ends first, and init containers have to run again in the new one. */
function planNewSandbox(draft: PlanDraft, situation: PodSituation, pod: Pod): void {
  const { memory, nowMs } = situation;
  const running = [...situation.members.values()].flat().filter(isRunningMember);
  for (const member of running) {
    const reason = `Stopping container ${member.identity.container}: the pod's sandbox is gone`;
    planStopOf(draft, situation, pod, member, { graceMs: podGraceMs(pod), reason });
  }
  if (running.length > 0) return;
  const stale = [
    ...situation.sandboxes,
    ...[...situation.members.values()].flat().filter(({ identity }) => identity.role === 'init'),
  ].filter(({ removed }) => !removed);
  for (const { id } of stale) draft.add({ kind: 'remove', containerId: id });
  if (stale.length > 0) return;
  const failure = memory.sandboxFailure;
  const dueMs = failure === undefined ? nowMs : failure.atMs + retryDelayMs(failure.count);
  if (nowMs >= dueMs) draft.add({ kind: 'create-sandbox', attempt: memory.sandboxAttempt + 1 });
  else draft.wakeAt(dueMs);
}

function planContainer(
  draft: PlanDraft,
  situation: PodSituation,
  pod: Pod,
  usable: UsableSandbox | undefined,
  container: TrackedContainer,
): void {
  const { progress } = container;
  switch (progress.kind) {
    case 'absent':
      planMaking(draft, situation, usable, container, 0);
      return;
    case 'waiting':
      if (situation.nowMs < progress.dueMs) draft.wakeAt(progress.dueMs);
      else planMaking(draft, situation, usable, container, progress.backoffSeconds);
      return;
    case 'created':
      planStart(draft, usable, container, progress.member);
      return;
    case 'running':
      planUpkeep(draft, situation, pod, usable, container);
      return;
    case 'finished':
  }
}

/** Image first (it needs no sandbox), then the container itself. */
function planMaking(
  draft: PlanDraft,
  situation: PodSituation,
  usable: UsableSandbox | undefined,
  container: TrackedContainer,
  backoffSeconds: number,
): void {
  const { memory, nowMs } = situation;
  const known = memory.containers.get(container.spec.name) ?? freshContainer;
  const attempt = known.attempt + 1;
  if (known.image.kind === 'failed') {
    const { atMs, count } = known.image.failure;
    const dueMs = atMs + retryDelayMs(count);
    if (nowMs < atMs + freshFailureMs) draft.wakeAt(atMs + freshFailureMs);
    if (nowMs >= dueMs) draft.add({ kind: 'ensure-image', container, attempt });
    else draft.wakeAt(dueMs);
    return;
  }
  const pullsAnew = container.spec.imagePullPolicy === 'Always';
  if (known.image.kind === 'unknown' || (pullsAnew && known.image.attempt !== attempt)) {
    draft.add({ kind: 'ensure-image', container, attempt });
    return;
  }
  const retryMs = known.failure === undefined ? nowMs : known.failure.atMs + retryMakingMs;
  if (nowMs < retryMs) {
    draft.wakeAt(retryMs);
    return;
  }
  if (usable === undefined || memory.files.kind !== 'ready') return;
  draft.add({ kind: 'create-container', container, attempt, sandboxId: usable.sandbox.id, backoffSeconds });
}

function planStart(
  draft: PlanDraft,
  usable: UsableSandbox | undefined,
  container: TrackedContainer,
  member: { readonly id: string; readonly identity: { readonly sandboxId: string; readonly hash: string } },
): void {
  if (usable === undefined) return;
  const isCurrent =
    member.identity.sandboxId === usable.sandbox.id && member.identity.hash === configHash(container.spec);
  if (!isCurrent) draft.add({ kind: 'remove', containerId: member.id });
  else if (usable.open) draft.add({ kind: 'start-container', containerId: member.id, container });
}

/** A running container stays unless it belongs to another sandbox, has been redefined, or is unhealthy. */
function planUpkeep(
  draft: PlanDraft,
  situation: PodSituation,
  pod: Pod,
  usable: UsableSandbox | undefined,
  { spec, role, sidecar, progress }: TrackedContainer,
): void {
  if (progress.kind !== 'running' || usable === undefined) return;
  const { member, run } = progress;
  const graceMs = podGraceMs(pod);
  if (member.identity.sandboxId !== usable.sandbox.id) {
    const reason = `Stopping container ${spec.name}: the pod's sandbox has changed`;
    planStopOf(draft, situation, pod, member, { graceMs, reason });
    return;
  }
  if (member.identity.hash !== configHash(spec)) {
    const reason = `Container ${spec.name} definition changed, will be restarted`;
    planStopOf(draft, situation, pod, member, { graceMs, reason });
    return;
  }
  if (run.unhealthy !== undefined) {
    const own = run.unhealthy.startsWith(hookRefusal) ? undefined : probeGraceMs(spec, run.startup === true);
    planStopOf(draft, situation, pod, member, { graceMs: own ?? graceMs, reason: run.unhealthy });
    return;
  }
  if (spec.lifecycle?.postStart !== undefined && run.postStart === 'none') {
    draft.add({ kind: 'run-post-start', containerId: member.id, container: { spec, role, sidecar } });
  }
}

/** A probe may grant another grace period than the pod. */
function probeGraceMs(spec: TrackedContainer['spec'], started: boolean): number | undefined {
  const probe = spec.startupProbe !== undefined && !started ? spec.startupProbe : spec.livenessProbe;
  return probe?.terminationGracePeriodSeconds === undefined ? undefined : probe.terminationGracePeriodSeconds * 1000;
}

/** Keeps the newest ended run of each container for its log; older runs and older sandboxes go. */
function planLeftovers(draft: PlanDraft, situation: PodSituation): void {
  const olderRuns = [...situation.members.values()].flatMap((members) =>
    members.filter(({ state, removed }) => state.kind === 'exited' && !removed).slice(1),
  );
  const olderSandboxes = situation.sandboxes.slice(1).filter(({ removed }) => !removed);
  for (const { id } of [...olderRuns, ...olderSandboxes]) draft.add({ kind: 'remove', containerId: id });
}
