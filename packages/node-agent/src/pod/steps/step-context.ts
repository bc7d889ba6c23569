import type { Pod } from '@berth/api';
import { messageOf } from '../../engine/engine-error.ts';
import type { Failure } from '../pod-memory.ts';
import type { PodMemoryBook } from '../pod-memory-book.ts';
import { type PodEvent, type PodPorts, PodStepError } from '../pod-ports.ts';
import type { SpecifiedContainer } from '../pod-situation.ts';

/** What every step of one pod's worker has at hand. */
export interface StepContext {
  readonly uid: string;
  /** As last known; absent only for leftovers of a pod that this process never heard of. */
  readonly pod: Pod | undefined;
  readonly memory: PodMemoryBook;
  readonly ports: PodPorts;
}

export function knownPod({ pod, uid }: StepContext): Pod {
  if (pod === undefined) throw new Error(`no specification is known of pod ${uid}`);
  return pod;
}

export function failureOf({ ports }: StepContext, error: unknown, reason: string): Omit<Failure, 'count'> {
  return {
    reason: error instanceof PodStepError ? error.reason : reason,
    message: messageOf(error),
    atMs: ports.world.clock.monotonicMs(),
  };
}

type EventText = Pick<PodEvent, 'type' | 'reason' | 'message'>;

export function tellPod(context: StepContext, event: EventText): void {
  if (context.pod !== undefined) context.ports.events.tell(context.pod, { ...event, container: '', role: 'container' });
}

export function tellContainer(context: StepContext, { spec, role }: SpecifiedContainer, event: EventText): void {
  if (context.pod !== undefined) context.ports.events.tell(context.pod, { ...event, container: spec.name, role });
}
