import type { LifecycleHandler } from '@berth/api';
import type { ObservedContainer } from './observed-container.ts';
import type { PlanDraft } from './pod-action.ts';
import type { PodMemoryView, StopProgress } from './pod-memory.ts';

/** What a hook that used up the grace period leaves to the program, as in Kubernetes. */
const leastGraceAfterHookMs = 2000;
/** The engine may lose a signal when it restarts: ask again. */
const repeatKillMs = 5000;

export interface StopWish {
  readonly name: string;
  /** From the begin of the stop until the program is ended by force. 0 = at once, without hook. */
  readonly graceMs: number;
  readonly reason: string;
  readonly preStop: LifecycleHandler | undefined;
  readonly stopSignal: string | undefined;
}

/** The next step of ending one running container: hook, polite signal, force. */
export function planStop(
  draft: PlanDraft,
  memory: PodMemoryView,
  nowMs: number,
  container: ObservedContainer,
  wish: StopWish,
): void {
  const containerId = container.id;
  const stop = memory.stops.get(containerId);
  if (stop === undefined) {
    const { name, graceMs, reason } = wish;
    const preStop = graceMs === 0 ? undefined : wish.preStop;
    draft.add({ kind: 'begin-stop', containerId, name, graceMs, reason, preStop });
    return;
  }
  const endMs = deadlineOf(stop, wish.graceMs);
  if (nowMs >= endMs) {
    const killedAtMs = stop.killedAtMs ?? Number.NEGATIVE_INFINITY;
    if (nowMs >= killedAtMs + repeatKillMs) draft.add({ kind: 'signal', containerId, signal: 'SIGKILL', final: true });
    draft.wakeAt((Number.isFinite(killedAtMs) ? killedAtMs : nowMs) + repeatKillMs);
    return;
  }
  draft.wakeAt(endMs);
  if (stop.signalledAtMs === undefined && stop.hook.kind === 'ended') {
    const signal = wish.stopSignal ?? container.stopSignal;
    draft.add({ kind: 'signal', containerId, signal, final: false });
  }
}

/** A shorter grace period counts from the same begin: a second, more urgent deletion hastens the first. */
function deadlineOf(stop: StopProgress, graceMs: number): number {
  const endMs = stop.sinceMs + Math.min(stop.graceMs, graceMs);
  if (graceMs === 0) return endMs;
  if (stop.hook.kind === 'running') return endMs + leastGraceAfterHookMs;
  return stop.hook.atMs > stop.sinceMs ? Math.max(endMs, stop.hook.atMs + leastGraceAfterHookMs) : endMs;
}
