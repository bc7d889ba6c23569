import type { Container, Pod } from '@berth/api';
import type { ContainerRole } from './container-identity.ts';
import {
  isMember,
  isSandbox,
  type ObservedContainer,
  type ObservedMember,
  type ObservedSandbox,
} from './observed-container.ts';
import type { PodMemoryView } from './pod-memory.ts';

/** All that a decision about one pod may depend on. */
export interface PodSituation {
  readonly uid: string;
  readonly goal: PodGoal;
  /** Newest attempt first. */
  readonly sandboxes: readonly ObservedSandbox[];
  /** By container name, newest attempt first. */
  readonly members: ReadonlyMap<string, readonly ObservedMember[]>;
  readonly memory: PodMemoryView;
  /** Monotonic: every waiting is counted with it, whatever happens to the clock on the wall. */
  readonly nowMs: number;
  /** Milliseconds since the Unix epoch: for times that people read, and for deadlines that outlive this process. */
  readonly wallMs: number;
}

export type PodGoal =
  /** Assigned to this node (and perhaps marked for deletion: its metadata tell). */
  | { readonly kind: 'assigned'; readonly pod: Pod }
  /** The object no longer exists; `pod` is what was last known of it, if anything. */
  | { readonly kind: 'gone'; readonly pod: Pod | undefined };

export function podSituation(
  uid: string,
  goal: PodGoal,
  containers: readonly ObservedContainer[],
  memory: PodMemoryView,
  time: { readonly nowMs: number; readonly wallMs: number },
): PodSituation {
  const sandboxes = containers.filter(isSandbox).sort(newestFirst);
  const members = new Map<string, ObservedMember[]>();
  for (const member of containers.filter(isMember).sort(newestFirst)) {
    const known = members.get(member.identity.container);
    if (known === undefined) members.set(member.identity.container, [member]);
    else known.push(member);
  }
  return { uid, goal, sandboxes, members, memory, ...time };
}

function newestFirst(a: ObservedContainer, b: ObservedContainer): number {
  return b.identity.attempt - a.identity.attempt;
}

/** A container of the specification with the role it plays. */
export interface SpecifiedContainer {
  readonly spec: Container;
  readonly role: Exclude<ContainerRole, 'sandbox'>;
  /** An init container that keeps running beside the others (`restartPolicy: Always`). */
  readonly sidecar: boolean;
}

/** Init containers first, each group in the order of the specification. */
export function specifiedContainers(pod: Pod): readonly SpecifiedContainer[] {
  const init = (pod.spec.initContainers ?? []).map(
    (spec): SpecifiedContainer => ({ spec, role: 'init', sidecar: spec.restartPolicy === 'Always' }),
  );
  const main = pod.spec.containers.map((spec): SpecifiedContainer => ({ spec, role: 'container', sidecar: false }));
  return [...init, ...main];
}

/** The newest attempt of a container, running or not. */
export function newestMember(situation: PodSituation, name: string): ObservedMember | undefined {
  return situation.members.get(name)?.[0];
}

/** The sandbox that can be used: the newest, when it runs. */
export function liveSandbox(situation: PodSituation): ObservedSandbox | undefined {
  const newest = situation.sandboxes[0];
  return newest !== undefined && newest.state.kind === 'running' && !newest.removed ? newest : undefined;
}

export function isBeingDeleted(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}
