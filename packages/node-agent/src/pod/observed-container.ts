import type {
  ContainerRecord,
  ContainerRunState,
  ExitedContainer,
  RunningContainer,
} from '../engine/container-record.ts';
import {
  type ContainerIdentity,
  type MemberIdentity,
  parseIdentity,
  type SandboxIdentity,
} from './container-identity.ts';

/** A container of ours as last seen in the engine. */
export type ObservedContainer = ContainerRecord & {
  readonly identity: ContainerIdentity;
  /** Somebody else removed it; what is told here is what was known of it before. */
  readonly removed: boolean;
};

export type ObservedSandbox = ObservedContainer & { readonly identity: SandboxIdentity };
export type ObservedMember = ObservedContainer & { readonly identity: MemberIdentity };
export type RunningMember = ObservedMember & { readonly state: RunningContainer['state'] };
export type ExitedMember = ObservedMember & { readonly state: ExitedContainer['state'] };

/** Undefined for a container that is not one of ours. */
export function observe(record: ContainerRecord): ObservedContainer | undefined {
  const identity = parseIdentity(record.labels);
  return identity === undefined ? undefined : { ...record, identity, removed: false };
}

/** What is left of a container that vanished: it ended, and when it was still running, by force. */
export function vanished(container: ObservedContainer, atMs: number, exitCode = 137): ObservedContainer {
  return { ...container, removed: true, state: endedState(container.state, atMs, exitCode) };
}

function endedState(state: ContainerRunState, finishedAtMs: number, exitCode: number): ContainerRunState {
  if (state.kind !== 'running') return state;
  const { startedAtMs } = state;
  return { kind: 'exited', startedAtMs, finishedAtMs, exitCode, oomKilled: false, startError: '' };
}

export function isSandbox(container: ObservedContainer): container is ObservedSandbox {
  return container.identity.role === 'sandbox';
}

export function isMember(container: ObservedContainer): container is ObservedMember {
  return container.identity.role !== 'sandbox';
}

export function isRunningMember(member: ObservedMember | undefined): member is RunningMember {
  return member?.state.kind === 'running';
}

export function isExitedMember(member: ObservedMember | undefined): member is ExitedMember {
  return member?.state.kind === 'exited';
}
