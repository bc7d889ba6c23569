import type { Node, Pod } from '@berth/api';
import { Cluster } from '../cluster/cluster.ts';
import { explainPod } from '../explain/explaining.ts';
import type { Explanation } from '../explain/explanation.ts';
import { GangTable } from '../gang/gang-table.ts';
import { type Headroom, tryHeadroom } from '../plan/headroom.ts';
import { type NodeLoss, tryNodeLoss } from '../plan/node-loss.ts';
import { planMoves, type RebalanceLimits, type RebalancePlan } from '../plan/rebalancing.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import type { PodId } from '../pod/pod-table.ts';
import { BudgetTable, type DisruptionBudget } from '../preemption/disruption-budget.ts';
import { Preemption } from '../preemption/preemption.ts';
import { VictimSearch } from '../preemption/victim-search.ts';
import { type Profile, profile } from '../profile.ts';
import { PendingQueue } from '../queue/pending-queue.ts';
import { ClassTable } from '../ranking/class-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import { DecisionLog, type DecisionRecord } from '../record/decision-log.ts';
import type { Subject } from '../rule/rule.ts';
import type { VolumeClaim } from '../volume/claim-table.ts';
import { DecisionMaker } from './decision-maker.ts';
import { Parking } from './parking.ts';
import { PodIntake } from './pod-intake.ts';
import type { DecisionSink, Session, SessionStats } from './session.ts';

export interface SessionOptions {
  /** One per scheduler name; default: `default-scheduler`, packing. The first also answers questions about other schedulers' pods. */
  readonly profiles?: readonly Profile[];
  /** Numbers that order nodes where scores are equal, smaller first; default: a hash of the name. */
  readonly nodeOrder?: (name: string) => number;
  /** Resources whose units are devices with numbers, of which parts can be asked for under the name with `-milli` added. */
  readonly deviceResources?: readonly string[];
  /** Placements remembered; default 10,000. */
  readonly recordsMax?: number;
}

export function createSession(options: SessionOptions = {}): Session {
  return new SchedulingSession(options);
}

const recordsMaxDefault = 10_000;

class SchedulingSession implements Session {
  readonly #cluster: Cluster;
  readonly #queue: PendingQueue;
  readonly #intake: PodIntake;
  readonly #classes: ClassTable;
  readonly #budgets = new BudgetTable();
  readonly #preemption: Preemption;
  readonly #parking = new Parking();
  readonly #gangs = new GangTable();
  readonly #records: DecisionLog;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #fallback: Profile;
  readonly #decisions: DecisionMaker;

  constructor(options: SessionOptions) {
    const packing = profile('default-scheduler', 'pack');
    const { profiles = [packing], recordsMax = recordsMaxDefault } = options;
    this.#profiles = new Map(profiles.map((each) => [each.schedulerName, each]));
    this.#fallback = profiles[0] ?? packing;
    this.#records = new DecisionLog(recordsMax);
    this.#cluster = new Cluster(options);
    this.#queue = new PendingQueue(this.#cluster.pods);
    this.#classes = new ClassTable(this.#cluster);
    this.#preemption = new Preemption(this.#cluster, this.#budgets);
    this.#decisions = new DecisionMaker({
      cluster: this.#cluster,
      queue: this.#queue,
      classes: this.#classes,
      parking: this.#parking,
      preemption: this.#preemption,
      gangs: this.#gangs,
      records: this.#records,
      profileOf: (spec) => this.#profileOf(spec),
    });
    this.#intake = new PodIntake(this.#cluster, this.#queue, (name) => this.#profiles.has(name), {
      unpark: (pod) => this.#parking.remove(pod),
      onGone: (pod) => this.#settle(pod),
      onGang: (pod, note) => this.#gangs.join(pod, note),
      onForgotten: (pod) => this.#gangs.leave(pod),
      onLabelsDropped: (labels) => this.#budgets.forget(labels),
    });
  }

  upsertNode(node: Node): void {
    const known = this.#cluster.nodes.slotOf(node.metadata.name ?? '');
    const slot = this.#cluster.putNode(node);
    if (known < 0) this.#intake.adopt(node.metadata.name ?? '', slot);
  }

  removeNode(name: string): void {
    const slot = this.#cluster.nodes.slotOf(name);
    if (slot >= 0) this.#cluster.removeNode(slot, (pod) => this.#intake.orphan(pod, name));
  }

  upsertPod(pod: Pod): void {
    this.#intake.upsert(pod);
  }

  removePod(uid: string): void {
    this.#intake.remove(uid);
  }

  setNamespace(name: string, labels: Readonly<Record<string, string>> | undefined): void {
    this.#cluster.setNamespace(name, labels);
  }

  upsertClaim(claim: VolumeClaim): void {
    this.#cluster.setClaim(claim.namespace, claim.name, claim);
  }

  removeClaim(namespace: string, name: string): void {
    this.#cluster.setClaim(namespace, name, undefined);
  }

  upsertBudget(budget: DisruptionBudget): void {
    this.#cluster.version += 1;
    this.#budgets.upsert(budget);
  }

  removeBudget(namespace: string, name: string): void {
    this.#cluster.version += 1;
    this.#budgets.remove(namespace, name);
  }

  release(uid: string): void {
    const pod = this.#cluster.pods.find(uid);
    if (pod >= 0) this.#intake.release(pod);
  }

  get hasWork(): boolean {
    return this.#decisions.hasWork;
  }

  schedule(limit: number, sink: DecisionSink): number {
    return this.#decisions.schedule(limit, sink);
  }

  scheduleBatch(sink: DecisionSink): number {
    return this.#decisions.scheduleBatch(sink);
  }

  review(limit: number, sink: Pick<DecisionSink, 'unschedulable'>): number {
    return this.#decisions.review(limit, sink);
  }

  assume(uid: string, node: string): boolean {
    const pod = this.#cluster.pods.find(uid);
    const slot = this.#cluster.nodes.slotOf(node);
    return pod >= 0 && slot >= 0 && this.#intake.assume(pod, slot);
  }

  setRevision(revision: number): void {
    this.#records.revision = revision;
  }

  decisions(fromSequence = 0): readonly DecisionRecord[] {
    return this.#records.from(fromSequence);
  }

  explain(uid: string): Explanation | undefined {
    const { pods, nodes } = this.#cluster;
    const pod = pods.find(uid);
    if (pod < 0) return undefined;
    nodes.order.settle();
    const parts = {
      cluster: this.#cluster,
      search: new VictimSearch(this.#cluster, this.#budgets),
      withProbe: <T>(subject: Subject, use: (podClass: PodClass) => T): T =>
        this.#classes.withProbe(this.#profileOf(subject.spec), subject, use),
    };
    return explainPod(parts, pod, this.#decisions.classOf(pod), this.#decisions.pinOf(pod));
  }

  headroom(pod: Pod, copiesMax: number): Headroom {
    const { nodes } = this.#cluster;
    nodes.order.settle();
    const copies = Array.from({ length: copiesMax }, (_, at) => this.#intake.addCopy(pod, `copy ${at}`));
    const room = tryHeadroom(this.#cluster, copies, (copy) => this.#decisions.classOf(copy));
    for (const copy of copies) this.#intake.dropCopy(copy);
    return room;
  }

  nodeLoss(names: readonly string[]): NodeLoss {
    const { nodes } = this.#cluster;
    nodes.order.settle();
    const slots = names.map((name) => nodes.slotOf(name)).filter((slot) => slot >= 0);
    return tryNodeLoss(this.#cluster, slots, (pod) => this.#decisions.classOf(pod));
  }

  planMoves(limits: RebalanceLimits): RebalancePlan {
    const { nodes } = this.#cluster;
    nodes.order.settle();
    return planMoves(
      this.#cluster,
      this.#budgets,
      limits,
      (pod) => this.#decisions.classOf(pod),
      (pod) => this.#isMovable(pod),
    );
  }

  stats(): SessionStats {
    const { nodes, pods, topology } = this.#cluster;
    return {
      nodes: nodes.count,
      pods: pods.count,
      pending: this.#queue.length,
      parked: this.#parking.size,
      classes: this.#classes.size,
      counters: topology.counters,
    };
  }

  /** A pod is gone from its node: others may have waited for just that. */
  #settle(pod: PodId): void {
    for (const nominee of this.#preemption.settle(pod)) this.#decisions.revive(nominee);
  }

  /** Somebody makes it again when it is ended, it is one of ours, names no node, and does not belong to a gang. */
  #isMovable(pod: PodId): boolean {
    const { labels, specs } = this.#cluster.pods;
    const { schedulerName } = specs[pod] as SpecFacts;
    const isOwned = labels[pod]?.owner !== '';
    return (
      isOwned && this.#profiles.has(schedulerName) && this.#gangs.of(pod) === undefined && !this.#intake.isPinned(pod)
    );
  }

  #profileOf({ schedulerName }: SpecFacts): Profile {
    return this.#profiles.get(schedulerName) ?? this.#fallback;
  }
}
