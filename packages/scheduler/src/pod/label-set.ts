import type { Pod } from '@berth/api';
import { sameLabels } from '../node/node-facts.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { Counter } from '../topology/counter.ts';

/**
 * What selectors see of a pod: namespace, labels, owner. Pods that look alike share one, so that each selector is asked
 * once per set and not once per pod.
 */
export class LabelSet {
  readonly id: number;
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Uid of the controlling owner, or empty. */
  readonly owner: string;
  /** Pods that have it. */
  references = 0;
  /** First pod placed with these labels, and so on through the pod table; -1 when there is none. */
  firstPod = -1;
  /** Counters that count pods with these labels. */
  counters: Counter[] = [];
  /** Counters of terms, carried by placed pods, that select these labels. */
  heldAgainst: Counter[] = [];
  /** The class of pods with these labels, by number of their spec. */
  readonly classes: Map<number, PodClass> = new Map();
  /** The counters of the terms that pods with these labels carry, by number of their spec. */
  readonly holds: Map<number, readonly Counter[]> = new Map();

  constructor(id: number, key: string, namespace: string, labels: Readonly<Record<string, string>>, owner: string) {
    this.id = id;
    this.key = key;
    this.namespace = namespace;
    this.labels = labels;
    this.owner = owner;
  }
}

/** Families remembered; they are forgotten together beyond this number. */
const familiesMax = 4096;

const noLabels: Readonly<Record<string, string>> = {};
const noSets: ReadonlySet<LabelSet> = new Set();

/** All label sets in use. */
export class LabelSets {
  readonly #byKey = new Map<string, LabelSet>();
  /** Most recent set of an owner or, for pods without one, a namespace: pods of one kind come one after the other. */
  readonly #recent = new Map<string, LabelSet>();
  readonly #ofOwner = new Map<string, Set<LabelSet>>();
  #nextId = 0;

  /** `onNew` is told of a set not seen before. */
  intern(pod: Pod, onNew: (set: LabelSet) => void): LabelSet {
    const namespace = pod.metadata.namespace ?? '';
    const labels = pod.metadata.labels ?? noLabels;
    const owner = ownerOf(pod);
    const family = owner === '' ? namespace : owner;
    const recent = this.#recent.get(family);
    if (recent?.namespace === namespace && recent.owner === owner && sameLabels(recent.labels, labels)) return recent;
    if (this.#recent.size >= familiesMax) this.#recent.clear();
    const key = labelSetKey(namespace, owner, labels);
    let set = this.#byKey.get(key);
    if (set === undefined) {
      set = new LabelSet(this.#nextId++, key, namespace, labels, owner);
      this.#byKey.set(key, set);
      if (owner !== '') this.#siblingsOf(owner).add(set);
      onNew(set);
    }
    this.#recent.set(family, set);
    return set;
  }

  all(): Iterable<LabelSet> {
    return this.#byKey.values();
  }

  /** Those of the pods of one owner. */
  ofOwner(owner: string): Iterable<LabelSet> {
    return owner === '' ? this.all() : (this.#ofOwner.get(owner) ?? noSets);
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Forgets a set that no pod has any more. */
  drop(set: LabelSet): void {
    this.#byKey.delete(set.key);
    const siblings = this.#ofOwner.get(set.owner);
    if (siblings?.delete(set) === true && siblings.size === 0) this.#ofOwner.delete(set.owner);
    const family = set.owner === '' ? set.namespace : set.owner;
    if (this.#recent.get(family) === set) this.#recent.delete(family);
  }

  #siblingsOf(owner: string): Set<LabelSet> {
    let siblings = this.#ofOwner.get(owner);
    if (siblings === undefined) {
      siblings = new Set();
      this.#ofOwner.set(owner, siblings);
    }
    return siblings;
  }
}

export function ownerOf(pod: Pod): string {
  const owners = pod.metadata.ownerReferences;
  if (owners === undefined) return '';
  for (const owner of owners) if (owner.controller === true) return owner.uid;
  return '';
}

function labelSetKey(namespace: string, owner: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels).sort();
  return JSON.stringify([namespace, owner, ...pairs.map((name) => [name, labels[name]])]);
}
