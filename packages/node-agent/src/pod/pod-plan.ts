import { type ExitedMember, isExitedMember } from './observed-container.ts';
import { PlanDraft, type PodPlan } from './pod-action.ts';
import { deadlineMs, podProgress } from './pod-progress.ts';
import { isBeingDeleted, type PodSituation, type SpecifiedContainer, specifiedContainers } from './pod-situation.ts';
import { planRun } from './run-plan.ts';
import { planTeardown } from './teardown-plan.ts';

/**
 * What to do next for one pod: a pure function of what is wanted, what there is, and the time. Carrying out the actions and planning
 * again, until nothing is left to do, brings the pod where it should be, from wherever an earlier process left it.
 */
export function planPod(situation: PodSituation): PodPlan {
  const draft = new PlanDraft();
  planLastWords(draft, situation);
  const { goal } = situation;
  if (goal.kind === 'gone' || isBeingDeleted(goal.pod)) {
    planTeardown(draft, situation, { pod: goal.pod, erase: true });
    return draft.finish(situation.memory.busy);
  }
  const progress = podProgress(situation, goal.pod);
  if (progress.outcome.kind === 'open') {
    const deadline = deadlineMs(goal.pod);
    if (deadline !== undefined) draft.wakeAt(situation.nowMs + (deadline - situation.wallMs));
    planRun(draft, situation, goal.pod, progress);
  } else {
    planTeardown(draft, situation, { pod: goal.pod, erase: false });
  }
  return draft.finish(situation.memory.busy);
}

/** Reads what ended containers left in their termination message files, before anything overwrites or removes them. */
function planLastWords(draft: PlanDraft, situation: PodSituation): void {
  for (const { container, ended } of unreadLastWords(situation)) {
    const { attempt } = ended.identity;
    draft.add({ kind: 'collect-termination', containerId: ended.id, container, attempt });
  }
}

/** Ended runs of which it is not yet known what they left behind. */
export function unreadLastWords(situation: PodSituation): readonly UnreadLastWords[] {
  if (situation.goal.pod === undefined) return [];
  return specifiedContainers(situation.goal.pod).flatMap((container) => {
    const ended = situation.members.get(container.spec.name)?.find(isExitedMember);
    const isRead = ended === undefined || situation.memory.runs.get(ended.id)?.terminationMessage !== undefined;
    return isRead ? [] : [{ container, ended }];
  });
}

interface UnreadLastWords {
  readonly container: SpecifiedContainer;
  readonly ended: ExitedMember;
}
