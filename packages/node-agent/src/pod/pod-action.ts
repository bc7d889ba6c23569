import type { LifecycleHandler } from '@berth/api';
import type { SpecifiedContainer } from './pod-situation.ts';

/** One step that the planner wants taken now. */
export type PodAction =
  /** Volumes, hosts file, resolver settings. */
  | { readonly kind: 'prepare-files' }
  | { readonly kind: 'ensure-image'; readonly container: SpecifiedContainer; readonly attempt: number }
  | { readonly kind: 'create-sandbox'; readonly attempt: number }
  | { readonly kind: 'start-sandbox'; readonly containerId: string }
  | { readonly kind: 'attach-network'; readonly containerId: string }
  | {
      readonly kind: 'create-container';
      readonly container: SpecifiedContainer;
      readonly attempt: number;
      readonly sandboxId: string;
      readonly backoffSeconds: number;
    }
  | { readonly kind: 'start-container'; readonly containerId: string; readonly container: SpecifiedContainer }
  | { readonly kind: 'run-post-start'; readonly containerId: string; readonly container: SpecifiedContainer }
  | {
      readonly kind: 'begin-stop';
      readonly containerId: string;
      readonly name: string;
      readonly graceMs: number;
      /** The sentence of the `Killing` event. */
      readonly reason: string;
      readonly preStop: LifecycleHandler | undefined;
    }
  | { readonly kind: 'signal'; readonly containerId: string; readonly signal: string; readonly final: boolean }
  | {
      readonly kind: 'collect-termination';
      readonly containerId: string;
      readonly container: SpecifiedContainer;
      readonly attempt: number;
    }
  | { readonly kind: 'remove'; readonly containerId: string }
  /** Everything else of the pod: files, mounts. Afterwards nothing of it is left. */
  | { readonly kind: 'release' };

/** Two actions with the same key never run at once. */
export function actionKey(action: PodAction): string {
  switch (action.kind) {
    case 'prepare-files':
    case 'create-sandbox':
    case 'release':
      return action.kind;
    case 'ensure-image':
    case 'create-container':
      return `${action.kind}/${action.container.spec.name}`;
    case 'start-sandbox':
    case 'attach-network':
    case 'start-container':
    case 'run-post-start':
    case 'begin-stop':
    case 'signal':
    case 'collect-termination':
    case 'remove':
      return `${action.kind}/${action.containerId}`;
  }
}

export interface PodPlan {
  readonly actions: readonly PodAction[];
  /** When to plan again even if nothing happens until then; as `PodSituation.nowMs` counts. */
  readonly wakeAtMs: number | undefined;
}

/** A plan in the making. */
export class PlanDraft {
  readonly #actions: PodAction[] = [];
  #wakeAtMs: number | undefined;

  add(action: PodAction): void {
    this.#actions.push(action);
  }

  /** The earliest of all wishes wins. */
  wakeAt(ms: number): void {
    this.#wakeAtMs = Math.min(ms, this.#wakeAtMs ?? ms);
  }

  /** Leaves out what is under way already. */
  finish(busy: ReadonlySet<string>): PodPlan {
    return { actions: this.#actions.filter((action) => !busy.has(actionKey(action))), wakeAtMs: this.#wakeAtMs };
  }
}
