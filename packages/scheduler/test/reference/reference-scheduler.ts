import type { Node, Pod } from '@berth/api';
import type { DisruptionBudget, Session } from '../../src/index.ts';
import type { Happening } from '../random-cluster.ts';
import { nameOf, type ReferenceCluster, uidOf } from './reference-cluster.ts';
import { refusals } from './reference-filters.ts';
import { cheapestRoom, type ReferenceRoom, type Standing } from './reference-preemption.ts';
import { scoreOf } from './reference-scores.ts';
import { selects } from './reference-selectors.ts';

/** Order of equals in these tests: by the number in the name, so that reference and session agree without sharing code. */
export function orderOf(name: string): number {
  return (Number(name.slice(1)) * 7 + 3) % 11;
}

/**
 * Follows a history beside a session and checks each decision when it is made: the node is the best of those that fit, a refused pod
 * fits nowhere and for the reasons told, victims are the cheapest, and no pod waits that would fit.
 */
export class ReferenceScheduler {
  readonly #nodes = new Map<string, Node>();
  readonly #pods = new Map<string, Pod>();
  readonly #arrivals = new Map<string, number>();
  readonly #namespaces: Record<string, Readonly<Record<string, string>>> = {};
  readonly #budgets = new Map<string, DisruptionBudget>();
  readonly #session: Session;
  /** Where the session placed pods that the store still shows as pending. */
  readonly #assumed = new Map<string, string>();
  /** Nodes promised to pods for which others have to go. */
  readonly #nominated = new Map<string, string>();
  /** Nodes that the store says were promised, until the first decision. */
  readonly #promised = new Map<string, string>();
  /** Victims, with the budgets that their eviction counts against. */
  readonly #doomed = new Map<string, readonly DisruptionBudget[]>();
  /** Disruptions used up since the budget was last written. */
  readonly #spent = new Map<DisruptionBudget, number>();
  #clock = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  happen(happening: Happening): void {
    switch (happening.kind) {
      case 'node':
        this.#nodes.set(nameOf(happening.node), happening.node);
        this.#session.upsertNode(happening.node);
        break;
      case 'node-gone':
        this.#removeNode(happening.name);
        break;
      case 'pod':
        this.#putPod(happening.pod);
        break;
      case 'pod-gone':
        this.#removePod(happening.uid);
        break;
      case 'victims-gone':
        for (const uid of [...this.#doomed.keys()]) this.#removePod(uid);
        break;
      case 'pod-terminating':
        this.#change(happening.uid, (pod) => ({
          ...pod,
          metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:02:00Z' },
        }));
        break;
      case 'pod-relabelled':
        this.#change(happening.uid, (pod) => ({
          ...pod,
          metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, app: happening.app } },
        }));
        break;
      case 'namespace':
        this.#namespaces[happening.name] = { team: happening.team };
        this.#session.setNamespace(happening.name, { team: happening.team });
        break;
      case 'budget':
        this.#putBudget(happening.budget);
        break;
      case 'binding-failed':
        if (!this.#assumed.delete(happening.uid)) break;
        this.#doomed.delete(happening.uid);
        this.#session.release(happening.uid);
        break;
      case 'questions':
        this.#ask();
        break;
      case 'schedule':
        this.#schedule(happening.limit);
    }
  }

  /** What-if questions must leave no trace: whatever is decided afterwards is checked as ever. */
  #ask(): void {
    const [pod] = this.#pods.values();
    for (const uid of this.#pods.keys()) this.#session.explain(uid);
    this.#session.nodeLoss([...this.#nodes.keys()].slice(0, 2));
    this.#session.planMoves({ movesMax: 3, gainMin: 1 });
    if (pod !== undefined) this.#session.headroom(pod, 5);
  }

  #removeNode(name: string): void {
    this.#nodes.delete(name);
    for (const [uid, node] of this.#assumed) if (node === name) this.#leaveNode(uid);
    for (const [uid, node] of this.#nominated) if (node === name) this.#leaveNode(uid);
    for (const [uid, pod] of this.#pods) if (pod.spec.nodeName === name) this.#doomed.delete(uid);
    this.#session.removeNode(name);
  }

  #leaveNode(uid: string): void {
    this.#assumed.delete(uid);
    this.#nominated.delete(uid);
    this.#doomed.delete(uid);
  }

  #putPod(pod: Pod): void {
    const uid = uidOf(pod);
    if (this.#pods.has(uid)) this.#removePod(uid);
    this.#pods.set(uid, pod);
    this.#arrivals.set(uid, this.#clock++);
    if (pod.status?.nominatedNodeName !== undefined) this.#promised.set(uid, pod.status.nominatedNodeName);
    this.#session.upsertPod(pod);
  }

  #removePod(uid: string): void {
    this.#pods.delete(uid);
    this.#leaveNode(uid);
    this.#promised.delete(uid);
    this.#session.removePod(uid);
  }

  /** Budgets in these histories are written again when labels change, so that victims are counted against those they had. */
  #putBudget(budget: DisruptionBudget): void {
    const key = `${budget.metadata.namespace}/${budget.metadata.name}`;
    const before = this.#budgets.get(key);
    if (before !== undefined) this.#session.removeBudget(budget.metadata.namespace ?? '', budget.metadata.name ?? '');
    this.#budgets.set(key, budget);
    this.#spent.set(budget, 0);
    this.#session.upsertBudget(budget);
  }

  #change(uid: string, change: (pod: Pod) => Pod): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined || this.#doomed.has(uid)) return;
    const next = change(pod);
    const isGoing = next.metadata.deletionTimestamp !== undefined && next.spec.nodeName === undefined;
    if (isGoing) {
      this.#removePod(uid);
      return;
    }
    this.#pods.set(uid, next);
    this.#session.upsertPod(next);
  }

  #schedule(limit: number): void {
    const decided = this.#session.schedule(limit, {
      placed: (uid, node, score) => this.#checkPlaced(uid, node, score),
      preempting: (uid, node, victims) => this.#checkPreempting(uid, node, victims),
      unschedulable: (uid, { diagnosis }) => this.#checkRefused(uid, diagnosis.reasons),
    });
    if (decided < limit) this.#checkNobodyWaitsInVain();
    this.#checkCounts();
  }

  #checkPlaced(uid: string, node: string, score: number): void {
    const pod = this.#pods.get(uid) as Pod;
    const cluster = this.#view(uid);
    const promise = this.#nominated.get(uid) ?? this.#promised.get(uid);
    this.#nominated.delete(uid);
    this.#promised.delete(uid);
    this.#assumed.set(uid, node);
    const ranked = this.#rank(cluster, pod);
    const promised = isPinned(pod) ? undefined : ranked.find(({ name }) => name === promise);
    const best = promised ?? ranked[0];
    if (best !== undefined) {
      if (best.name === node && (best.score === score || isPinned(pod))) return;
      throw new Error(`${uid} went to ${node} with ${score}, wanted ${best.name} of ${JSON.stringify(ranked)}`);
    }
    const room = this.#room(cluster, pod);
    if (room?.node !== node || room.victims.length > 0 || room.leaving.some((each) => !this.#nominated.has(each)))
      throw new Error(`${uid} went to ${node}, wanted room ${JSON.stringify(room)}`);
    for (const outbid of room.leaving) this.#nominated.delete(outbid);
  }

  #checkPreempting(uid: string, node: string, victims: readonly string[]): void {
    const pod = this.#pods.get(uid) as Pod;
    const cluster = this.#view(uid);
    this.#promised.delete(uid);
    this.#nominated.delete(uid);
    const fitting = this.#rank(cluster, pod);
    const room = this.#room(cluster, pod);
    if (
      fitting.length > 0 ||
      room?.node !== node ||
      JSON.stringify(room.victims) !== JSON.stringify([...victims].sort())
    )
      throw new Error(
        `${uid}: ${victims} to go from ${node}; wanted ${JSON.stringify(room)}, fits ${JSON.stringify(fitting)}`,
      );
    for (const outbid of room.leaving) this.#nominated.delete(outbid);
    for (const victim of victims) this.#doom(victim);
    this.#nominated.set(uid, node);
  }

  #doom(uid: string): void {
    const pod = this.#pods.get(uid) as Pod;
    const under = [...this.#budgets.values()].filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.metadata.namespace && selects(spec.selector, pod.metadata.labels ?? {}),
    );
    this.#doomed.set(uid, under);
    for (const budget of under) this.#spent.set(budget, (this.#spent.get(budget) ?? 0) + 1);
  }

  #checkRefused(uid: string, reasons: ReadonlyMap<string, number>): void {
    const pod = this.#pods.get(uid) as Pod;
    const cluster = this.#view(uid);
    this.#promised.delete(uid);
    this.#nominated.delete(uid);
    const expected = new Map<string, number>();
    for (const node of cluster.nodes) {
      const against = refusals(cluster, pod, node);
      if (against.length === 0) throw new Error(`${uid} was refused, but fits on ${nameOf(node)}`);
      for (const reason of against) expected.set(reason, (expected.get(reason) ?? 0) + 1);
    }
    const sorted = (counts: ReadonlyMap<string, number>) => JSON.stringify([...counts].sort());
    if (!isPinned(pod) && sorted(expected) !== sorted(reasons))
      throw new Error(`${uid}: reasons ${sorted(reasons)}, wanted ${sorted(expected)}`);
    const room = this.#room(cluster, pod);
    if (room !== undefined) throw new Error(`${uid} was refused, but there could be room: ${JSON.stringify(room)}`);
  }

  #checkNobodyWaitsInVain(): void {
    for (const [uid, pod] of this.#pods) {
      if (pod.spec.nodeName !== undefined || this.#assumed.has(uid)) continue;
      const cluster = this.#view(this.#nominated.has(uid) ? '' : uid);
      for (const node of cluster.nodes)
        if (refusals(cluster, pod, node).length === 0) throw new Error(`${uid} waits, but fits on ${nameOf(node)}`);
      this.#checkPromiseIsKept(uid, pod);
      const room = this.#nominated.has(uid) ? undefined : this.#room(cluster, pod);
      if (room !== undefined) throw new Error(`${uid} waits, but there could be room: ${JSON.stringify(room)}`);
    }
  }

  /** Once nobody is leaving the node that was promised, a pod that fits there does not wait. */
  #checkPromiseIsKept(uid: string, pod: Pod): void {
    const promise = this.#nominated.get(uid);
    const cluster = this.#view(uid);
    const node = cluster.nodes.find((each) => nameOf(each) === promise);
    if (node === undefined || refusals(cluster, pod, node).length > 0) return;
    const isLeaving = (other: Pod) => this.#doomed.has(uidOf(other)) || other.metadata.deletionTimestamp !== undefined;
    const here = cluster.placed.filter((other) => other.spec.nodeName === promise);
    if (!here.some(isLeaving)) throw new Error(`${uid} waits, but ${promise} is free for it as promised`);
  }

  #checkCounts(): void {
    const stats = this.#session.stats();
    if (stats.nodes !== this.#nodes.size || stats.pods !== this.#pods.size)
      throw new Error(`${JSON.stringify(stats)}, wanted ${this.#nodes.size} nodes and ${this.#pods.size} pods`);
  }

  #rank(cluster: ReferenceCluster, pod: Pod): readonly { readonly name: string; readonly score: number }[] {
    return cluster.nodes
      .filter((each) => refusals(cluster, pod, each).length === 0)
      .map((each) => ({ name: nameOf(each), score: scoreOf(cluster, pod, each) }))
      .sort((left, right) => right.score - left.score || orderOf(left.name) - orderOf(right.name));
  }

  #room(cluster: ReferenceCluster, pod: Pod): ReferenceRoom | undefined {
    const standing: Standing = {
      isGoing: (uid) => this.#doomed.has(uid) || this.#pods.get(uid)?.metadata.deletionTimestamp !== undefined,
      isPromised: (uid) => this.#nominated.has(uid),
      allowed: (budget) => (budget.status?.disruptionsAllowed ?? 0) - (this.#spent.get(budget) ?? 0),
      budgets: [...this.#budgets.values()],
      arrivalOf: (uid) => this.#arrivals.get(uid) ?? 0,
    };
    return cheapestRoom(cluster, pod, standing, orderOf);
  }

  /** The cluster with every pod where it is or will be, without the one in question. */
  #view(except: string): ReferenceCluster {
    const placed: Pod[] = [];
    for (const [uid, pod] of this.#pods) {
      const nodeName = pod.spec.nodeName ?? this.#assumed.get(uid) ?? this.#nominated.get(uid);
      if (uid !== except && nodeName !== undefined && this.#nodes.has(nodeName))
        placed.push({ ...pod, spec: { ...pod.spec, nodeName } });
    }
    return { nodes: [...this.#nodes.values()], placed, namespaces: this.#namespaces };
  }
}

/** Of pods that name a node the session says less about all others. */
function isPinned(pod: Pod): boolean {
  const terms =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const names = new Set(terms.map(({ matchFields }) => matchFields?.[0]?.values?.[0]));
  return names.size === 1 && !names.has(undefined);
}
