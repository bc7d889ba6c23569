import { placeBatch } from '../batch/batch-placement.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { namesNoNode } from '../explain/diagnosis.ts';
import { refuse } from '../explain/refusal.ts';
import { GangDecisions } from '../gang/gang-decisions.ts';
import type { GangTable } from '../gang/gang-table.ts';
import type { LabelSet } from '../pod/label-set.ts';
import type { SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { Preemption, Room } from '../preemption/preemption.ts';
import type { Profile } from '../profile.ts';
import type { PendingQueue } from '../queue/pending-queue.ts';
import type { ClassTable } from '../ranking/class-table.ts';
import { unfit } from '../ranking/facts-table.ts';
import type { PodClass } from '../ranking/pod-class.ts';
import type { DecisionLog } from '../record/decision-log.ts';
import type { Parking } from './parking.ts';
import type { DecisionSink, Refusal } from './session.ts';

export interface DecisionParts {
  readonly cluster: Cluster;
  readonly queue: PendingQueue;
  readonly classes: ClassTable;
  readonly parking: Parking;
  readonly preemption: Preemption;
  readonly gangs: GangTable;
  readonly records: DecisionLog;
  profileOf(spec: SpecFacts): Profile;
}

/** Takes pods from the queue and gives each a node, the promise of one, or a reason. */
export class DecisionMaker {
  readonly #parts: DecisionParts;
  readonly #cluster: Cluster;
  readonly #gangDecisions: GangDecisions;
  /** Parked pods that are to be told new reasons. */
  readonly #outdated = new Set<PodId>();
  #decisions = 0;
  /** Version of the cluster up to which changes were weighed for parked pods. */
  #weighedTo = 0;

  constructor(parts: DecisionParts) {
    this.#parts = parts;
    this.#cluster = parts.cluster;
    this.#gangDecisions = new GangDecisions({ ...parts, classOf: (pod) => this.classOf(pod) });
  }

  get hasWork(): boolean {
    const { queue, parking, classes, gangs } = this.#parts;
    if (queue.length > 0) return true;
    const { topology, version } = this.#cluster;
    const hasParked = parking.size > 0 || gangs.parked.size > 0;
    return hasParked && (this.#weighedTo !== version || classes.shape !== topology.shape);
  }

  schedule(limit: number, sink: DecisionSink): number {
    const { queue } = this.#parts;
    let decided = 0;
    while (decided < limit) {
      if (queue.length === 0 || decided === 0) this.#prepare();
      const pod = queue.pop();
      if (pod < 0) break;
      this.#decide(pod, sink);
      decided += 1;
    }
    return decided;
  }

  /** Takes everything that waits as one set, priority by priority. */
  scheduleBatch(sink: DecisionSink): number {
    const { queue, gangs } = this.#parts;
    const { pods } = this.#cluster;
    this.#prepare();
    const waiting: PodId[] = [];
    for (let pod = queue.pop(); pod >= 0; pod = queue.pop()) waiting.push(pod);
    for (const set of Map.groupBy(waiting, (pod) => (pods.specs[pod] as SpecFacts).priority).values())
      placeBatch(set, {
        cluster: this.#cluster,
        classOf: (pod) => this.classOf(pod),
        isSingle: (pod) => gangs.of(pod) === undefined && this.pinOf(pod) === namesNoNode,
        decide: (pod) => {
          // A gang is decided with the first of its pods.
          if (pods.state[pod] === podState.pending) this.#decide(pod, sink);
        },
        place: (pod, podClass, slot, devices) => {
          podClass.bestScore = podClass.scoreOf(slot);
          this.#place(pod, podClass, slot, devices, sink);
        },
      });
    return waiting.length;
  }

  review(limit: number, sink: Pick<DecisionSink, 'unschedulable'>): number {
    const { parking } = this.#parts;
    const { pods } = this.#cluster;
    this.#prepare();
    if (this.#outdated.size === 0) this.#findOutdated();
    let told = 0;
    for (const pod of this.#outdated) {
      if (told === limit) break;
      this.#outdated.delete(pod);
      const podClass = parking.classOf(pod);
      if (podClass === undefined || pods.state[pod] === podState.nominated) continue;
      sink.unschedulable(pods.uids[pod] as string, this.#refusal(podClass, this.pinOf(pod)));
      told += 1;
    }
    return told;
  }

  /** A parked pod, or one with a promise of room, goes back into the queue. */
  revive(pod: PodId): void {
    const { parking, queue } = this.#parts;
    parking.remove(pod);
    if (this.#cluster.pods.state[pod] !== podState.nominated) this.#cluster.pods.state[pod] = podState.pending;
    queue.push(pod);
  }

  /** Nodes get their place in the order, and pods that were parked another chance where something changed. */
  #prepare(): void {
    const { classes, parking } = this.#parts;
    const { nodes } = this.#cluster;
    nodes.order.settle();
    for (const pod of classes.settle()) this.revive(pod);
    if (this.#weighedTo === this.#cluster.version) return;
    this.#weighedTo = this.#cluster.version;
    for (const podClass of parking.classes) this.#reviveFirst(podClass);
    this.#gangDecisions.revive();
  }

  #decide(pod: PodId, sink: DecisionSink): void {
    const { pods } = this.#cluster;
    const podClass = this.classOf(pod);
    podClass.lastUsed = this.#decisions++;
    const gang = this.#parts.gangs.of(pod);
    if (gang !== undefined) {
      this.#gangDecisions.decide(gang, pod, {
        placed: (member, score) => this.#tellPlaced(member, score, sink),
        refused: (member, refusal) => sink.unschedulable(pods.uids[member] as string, refusal),
      });
      return;
    }
    const pin = this.pinOf(pod);
    const slot = this.#slotFor(pod, podClass, pin);
    if (slot >= 0) {
      this.#place(pod, podClass, slot, podClass.chooseDevices(slot), sink);
      return;
    }
    const room = pin === -1 ? undefined : this.#parts.preemption.find(podClass, pin);
    if (room !== undefined) {
      this.#makeRoom(pod, podClass, room, pin, sink);
      return;
    }
    pods.state[pod] = podState.parked;
    this.#parts.parking.add(pod, podClass, pin !== namesNoNode);
    sink.unschedulable(pods.uids[pod] as string, this.#refusal(podClass, pin));
  }

  /** A promised node comes first, if the pod fits there by now; then the best of all. */
  #slotFor(pod: PodId, podClass: PodClass, pin: number): number {
    const { pods } = this.#cluster;
    const isNominated = pods.state[pod] === podState.nominated;
    const promised = isNominated ? this.#parts.preemption.revoke(pod) : this.#promisedSlot(pod);
    pods.state[pod] = podState.pending;
    pods.promises.delete(pod);
    if (promised >= 0 && pin === namesNoNode) {
      podClass.bestScore = podClass.scoreOf(promised);
      if (podClass.bestScore !== unfit) return promised;
    }
    return this.#choose(podClass, pin);
  }

  /** As the store has it; -1 without any promise. */
  #promisedSlot(pod: PodId): number {
    const { pods, nodes } = this.#cluster;
    return pods.promises.size === 0 ? -1 : nodes.slotOf(pods.promises.get(pod) ?? '');
  }

  #choose(podClass: PodClass, pin: number): number {
    if (pin === namesNoNode) return podClass.best();
    podClass.bestScore = pin < 0 ? unfit : podClass.scoreOf(pin);
    return podClass.bestScore === unfit ? -1 : pin;
  }

  #place(
    pod: PodId,
    podClass: PodClass,
    slot: number,
    devices: ReadonlyMap<string, number> | undefined,
    sink: DecisionSink,
  ): void {
    this.#cluster.pods.state[pod] = podState.assumed;
    this.#cluster.place(pod, slot, devices);
    this.#tellPlaced(pod, podClass.bestScore, sink);
    if (podClass.hasParked) this.#reviveFirst(podClass);
  }

  #tellPlaced(pod: PodId, score: number, sink: DecisionSink): void {
    const { pods, nodes } = this.#cluster;
    const { devices: demands } = pods.specs[pod] as SpecFacts;
    const devices = demands.length === 0 ? undefined : this.#cluster.devices.describe(pod, demands);
    const uid = pods.uids[pod] as string;
    const node = nodes.nameOf(pods.slot[pod] as number);
    this.#parts.records.add(uid, node, score);
    sink.placed(uid, node, score, devices);
  }

  /** Pods that only had a promise of the room lose it at once; whoever runs there has to go first. */
  #makeRoom(pod: PodId, podClass: PodClass, room: Room, pin: number, sink: DecisionSink): void {
    const { preemption, parking } = this.#parts;
    const { pods, nodes } = this.#cluster;
    for (const outbid of room.outbid) {
      preemption.revoke(outbid);
      pods.state[outbid] = podState.parked;
      this.revive(outbid);
    }
    if (room.awaited.length === 0) {
      podClass.bestScore = podClass.scoreOf(room.slot);
      this.#place(pod, podClass, room.slot, podClass.chooseDevices(room.slot), sink);
      return;
    }
    preemption.promise(pod, room);
    parking.add(pod, podClass, pin !== namesNoNode);
    const victims = room.victims.map((victim) => pods.uids[victim] as string);
    sink.preempting(pods.uids[pod] as string, nodes.nameOf(room.slot), victims);
  }

  /** Of the pods of a class that wait for room, lets the first try again for which there is some. */
  #reviveFirst(podClass: PodClass): void {
    if (podClass.parked.size > 0) {
      const isRoom = podClass.fitsAnywhere();
      for (const pod of podClass.parked) {
        if (!isRoom && this.#cluster.pods.state[pod] === podState.nominated) continue;
        if (!isRoom && !this.#couldPreempt(pod, podClass, namesNoNode)) break;
        this.revive(pod);
        return;
      }
    }
    for (const pod of podClass.parkedByName) {
      const pin = this.pinOf(pod);
      if (this.#choose(podClass, pin) < 0 && !this.#couldPreempt(pod, podClass, pin)) continue;
      this.revive(pod);
      return;
    }
  }

  /** Whether a parked pod could be promised room by now: pods less important may have come. */
  #couldPreempt(pod: PodId, podClass: PodClass, pin: number): boolean {
    if (pin === -1 || this.#cluster.pods.state[pod] === podState.nominated) return false;
    return this.#parts.preemption.find(podClass, pin) !== undefined;
  }

  /** The same for all pods of a class that name no node, until something changes. */
  #refusal(podClass: PodClass, pin: number): Refusal {
    const { version } = this.#cluster;
    if (pin === namesNoNode && podClass.refusal !== undefined && podClass.refusedAt === version)
      return podClass.refusal;
    const refusal = refuse(this.#cluster, this.#parts.preemption, podClass, pin);
    if (pin === namesNoNode) {
      podClass.refusal = refusal;
      podClass.refusedAt = version;
    }
    return refusal;
  }

  /** Finds parked pods for which the reasons changed since they were told. */
  #findOutdated(): void {
    const { version } = this.#cluster;
    for (const podClass of this.#parts.parking.classes) {
      if (podClass.refusedAt === version) continue;
      const before = podClass.refusal?.message;
      const isNews = this.#refusal(podClass, namesNoNode).message !== before;
      if (isNews) for (const pod of podClass.parked) this.#outdated.add(pod);
      for (const pod of podClass.parkedByName) this.#outdated.add(pod);
    }
  }

  classOf(pod: PodId): PodClass {
    const { pods } = this.#cluster;
    const spec = pods.specs[pod] as SpecFacts;
    const labels = pods.labels[pod] as LabelSet;
    const known = labels.classes.get(spec.id);
    if (known?.isLive === true) return known;
    return this.#parts.classes.classOf({ spec, labels }, this.#parts.profileOf(spec));
  }

  /** Slot of the node that the pod names; -1 when there is no such node, `namesNoNode` when it names none. */
  pinOf(pod: PodId): number {
    const { pinned, nodeNames } = this.#cluster.pods;
    return pinned[pod] === 1 ? this.#cluster.nodes.slotOf(nodeNames.get(pod) ?? '') : namesNoNode;
  }
}
