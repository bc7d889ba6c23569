import type { LabelSelector } from '@berth/api';
import { type CompiledSelector, compileSelector } from '../pod/label-selector.ts';
import type { LabelSet } from '../pod/label-set.ts';
import type { PodId } from '../pod/pod-table.ts';

/** What preemption reads of a PodDisruptionBudget (policy/v1). */
export interface DisruptionBudget {
  readonly metadata: { readonly namespace?: string; readonly name?: string };
  readonly spec: { readonly selector?: LabelSelector };
  readonly status?: {
    readonly disruptionsAllowed: number;
    /** Names of pods whose disruption is counted already. */
    readonly disruptedPods?: Readonly<Record<string, string>>;
  };
}

/** A budget as preemption reckons with it. */
export class Budget {
  readonly namespace: string;
  readonly selector: CompiledSelector;
  /** Disruptions that the store allows. */
  granted: number;
  /** Names of pods that the store has counted. */
  counted: Readonly<Record<string, string>>;
  /** Victims that the session chose and that are not gone yet. */
  readonly spent: Set<PodId> = new Set();
  /** The most pods of this budget that were ever weighed on one node: while so many are allowed, it forbids nothing. */
  demandMax = 0;
  /** Scratch of one search. */
  taken = 0;

  constructor(source: DisruptionBudget) {
    this.namespace = source.metadata.namespace ?? '';
    this.selector = compileSelector(source.spec.selector);
    this.granted = source.status?.disruptionsAllowed ?? 0;
    this.counted = source.status?.disruptedPods ?? {};
  }

  get allowed(): number {
    return this.granted - this.spent.size;
  }
}

const noBudgets: readonly Budget[] = [];
/** More news of scarcity than this are told as one change of everything. */
const scarceMax = 4_096;

/** The budgets of the cluster, and which of them each set of labels is under. */
export class BudgetTable {
  /** Raised when a change of a budget may change what a search finds anywhere. */
  version = 0;
  /** Budgets that grew so scarce that searches on nodes with their pods find something else; emptied when `version` is raised. */
  readonly scarce: Budget[] = [];
  readonly #byKey = new Map<string, Budget>();
  readonly #ofSet = new Map<LabelSet, { readonly membership: number; readonly budgets: readonly Budget[] }>();
  /** Raised when budgets come, go or select others. */
  #membership = 0;

  upsert(source: DisruptionBudget): void {
    const key = keyOf(source.metadata);
    const known = this.#byKey.get(key);
    const next = new Budget(source);
    this.#change();
    if (known === undefined || known.selector.key !== next.selector.key) {
      this.#byKey.set(key, next);
      this.#forgetSets();
      return;
    }
    known.granted = next.granted;
    known.counted = next.counted;
  }

  remove(namespace: string, name: string): void {
    if (!this.#byKey.delete(keyOf({ namespace, name }))) return;
    this.#change();
    this.#forgetSets();
  }

  of(set: LabelSet): readonly Budget[] {
    if (this.#byKey.size === 0) return noBudgets;
    const known = this.#ofSet.get(set);
    if (known?.membership === this.#membership) return known.budgets;
    const budgets = [...this.#byKey.values()].filter(
      ({ namespace, selector }) => namespace === set.namespace && selector.matches(set.labels),
    );
    this.#ofSet.set(set, { membership: this.#membership, budgets });
    return budgets;
  }

  /** A victim was chosen: it counts against its budgets until it is gone, unless the store has counted it. */
  spend(pod: PodId, name: string, set: LabelSet): void {
    for (const budget of this.of(set)) {
      if (Object.hasOwn(budget.counted, name)) continue;
      budget.spent.add(pod);
      if (budget.allowed < budget.demandMax) this.#noteScarcity(budget);
    }
  }

  /** The pod is gone; the store will say what is allowed now. */
  settle(pod: PodId, set: LabelSet): void {
    for (const budget of this.of(set)) if (budget.spent.delete(pod)) budget.granted -= 1;
  }

  forget(set: LabelSet): void {
    this.#ofSet.delete(set);
  }

  #noteScarcity(budget: Budget): void {
    if (this.scarce.length === scarceMax) this.#change();
    this.scarce.push(budget);
  }

  #change(): void {
    this.version += 1;
    this.scarce.length = 0;
  }

  #forgetSets(): void {
    this.#membership += 1;
    this.#ofSet.clear();
  }
}

function keyOf({ namespace = '', name = '' }: DisruptionBudget['metadata']): string {
  return `${namespace}/${name}`;
}
