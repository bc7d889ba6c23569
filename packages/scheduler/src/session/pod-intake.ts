import { type Pod, parseTime } from '@berth/api';
import type { Cluster } from '../cluster/cluster.ts';
import { devicesAnnotation } from '../device/devices.ts';
import { type GangNote, gangNote } from '../gang/gang-note.ts';
import { type LabelSet, ownerOf } from '../pod/label-set.ts';
import { pinOf } from '../pod/node-selection.ts';
import { defaultSchedulerName, type SpecFacts } from '../pod/pod-spec.ts';
import { type PodId, podState } from '../pod/pod-table.ts';
import type { PendingQueue } from '../queue/pending-queue.ts';

/** What the intake tells of pods that waited. */
export interface IntakeListener {
  /** The pod is parked no longer: it goes, or it changed. */
  unpark(pod: PodId): void;
  /** The pod is on its node no longer, or has the promise of it no longer. */
  onGone(pod: PodId): void;
  /** A pod is known that belongs to a gang. */
  onGang(pod: PodId, note: GangNote): void;
  /** The pod is known no longer. */
  onForgotten(pod: PodId): void;
  /** No pod has these labels any more. */
  onLabelsDropped(labels: LabelSet): void;
}

interface Look {
  readonly spec: SpecFacts;
  readonly labels: LabelSet;
  /** The annotation. */
  readonly devices: string | undefined;
  readonly pinned: 0 | 1;
  readonly terminating: 0 | 1;
}

/**
 * Takes pods as they are in the store and keeps the cluster and the queue in step with them. A placement that the session
 * itself decided holds until the store says where the pod is, or the session is told that it failed.
 */
export class PodIntake {
  readonly #cluster: Cluster;
  readonly #queue: PendingQueue;
  readonly #isOurs: (schedulerName: string) => boolean;
  readonly #listener: IntakeListener;
  /** Pods bound to nodes that are not known, by name of the node. */
  readonly #strays = new Map<string, Set<PodId>>();
  #lastTime = '';
  #lastMoment = 0;

  constructor(
    cluster: Cluster,
    queue: PendingQueue,
    isOurs: (schedulerName: string) => boolean,
    listener: IntakeListener,
  ) {
    this.#cluster = cluster;
    this.#queue = queue;
    this.#isOurs = isOurs;
    this.#listener = listener;
  }

  upsert(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    if (!this.#concerns(pod)) {
      this.remove(uid);
      return;
    }
    const { pods } = this.#cluster;
    const look = this.#look(pod);
    let id = pods.find(uid);
    if (id < 0) {
      id = pods.add(uid, pod.metadata.name ?? '');
      pods.created[id] = this.#momentOf(pod.metadata.creationTimestamp ?? '');
      const promised = pod.status?.nominatedNodeName;
      if (isSet(promised)) pods.promises.set(id, promised);
      this.#describe(id, look);
      const note = gangNote(pod);
      if (note !== undefined) this.#listener.onGang(id, note);
    } else {
      this.#renew(id, look);
    }
    this.#settle(id, pod);
  }

  remove(uid: string): void {
    const { pods } = this.#cluster;
    const id = pods.find(uid);
    if (id < 0) return;
    this.#withdraw(id);
    this.#listener.onForgotten(id);
    this.#forget(pods.specs[id] as SpecFacts, pods.labels[id] as LabelSet);
    pods.remove(id);
  }

  /** The pod waits for a decision again, as if it had never been placed. */
  release(id: PodId): void {
    if (this.#cluster.pods.state[id] !== podState.assumed) return;
    this.#withdraw(id);
    this.#enqueue(id);
  }

  /** The pod is on the node as if it had just been placed there. False for a pod that does not wait. */
  assume(id: PodId, slot: number): boolean {
    const { pods } = this.#cluster;
    const isWaiting = pods.state[id] === podState.pending || pods.state[id] === podState.parked;
    if (!isWaiting) return false;
    this.#withdraw(id);
    pods.state[id] = podState.assumed;
    this.#place(id, slot);
    return true;
  }

  /** Whether the pod names its node by affinity, as pods of a DaemonSet do. */
  isPinned(id: PodId): boolean {
    return this.#cluster.pods.pinned[id] === 1;
  }

  /** A pod for what-if questions, which is in no queue. */
  addCopy(pod: Pod, uid: string): PodId {
    const look = this.#look(pod);
    const id = this.#cluster.pods.add(uid, pod.metadata.name ?? '');
    this.#describe(id, look);
    return id;
  }

  dropCopy(id: PodId): void {
    const { pods } = this.#cluster;
    this.#forget(pods.specs[id] as SpecFacts, pods.labels[id] as LabelSet);
    pods.remove(id);
  }

  /** A node appeared: pods that were bound to it before it was known come to run on it. */
  adopt(nodeName: string, slot: number): void {
    for (const id of this.#strays.get(nodeName) ?? []) this.#place(id, slot);
    this.#strays.delete(nodeName);
  }

  /** The pod's node is gone from the cluster while the pod is still bound to it, or was about to be. */
  orphan(id: PodId, nodeName: string): void {
    this.#listener.onGone(id);
    if (this.#cluster.pods.state[id] === podState.bound) {
      this.#stray(id, nodeName);
      return;
    }
    this.#listener.unpark(id);
    this.#enqueue(id);
  }

  /** Pods that are done use nothing; pods of other schedulers matter once they are bound; a deleted one is placed no more. */
  #concerns({ spec, status, metadata }: Pod): boolean {
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
    if (isSet(spec.nodeName)) return true;
    return metadata.deletionTimestamp === undefined && this.#isOurs(spec.schedulerName ?? defaultSchedulerName);
  }

  /** Many pods are made in one second: the last text read is remembered. */
  #momentOf(text: string): number {
    if (text !== this.#lastTime) {
      this.#lastTime = text;
      this.#lastMoment = parseTime(text) ?? 0;
    }
    return this.#lastMoment;
  }

  /** Throws on a pod that cannot be understood, before anything has changed. */
  #look(pod: Pod): Look {
    const { labelSets, specs, topology } = this.#cluster;
    const owner = ownerOf(pod);
    const spec = specs.acquire(pod, owner === '' ? (pod.metadata.namespace ?? '') : owner);
    const labels = labelSets.intern(pod, (set) => topology.acquaint(set));
    labels.references += 1;
    const devices = pod.metadata.annotations?.[devicesAnnotation];
    const pinned = pinOf(pod.spec) === undefined ? 0 : 1;
    return { spec, labels, devices, pinned, terminating: pod.metadata.deletionTimestamp === undefined ? 0 : 1 };
  }

  #describe(id: PodId, { spec, labels, devices, pinned, terminating }: Look): void {
    const { pods } = this.#cluster;
    if (devices !== undefined && spec.devices.length > 0) pods.deviceNotes.set(id, devices);
    pods.specs[id] = spec;
    pods.labels[id] = labels;
    pods.terminating[id] = terminating;
    pods.pinned[id] = pinned;
  }

  /** Takes in what changed of a known pod; where it is counted it is counted anew. */
  #renew(id: PodId, next: Look): void {
    const { pods } = this.#cluster;
    const spec = pods.specs[id] as SpecFacts;
    const labels = pods.labels[id] as LabelSet;
    if (next.spec !== spec || next.labels !== labels || next.terminating !== pods.terminating[id]) {
      const slot = pods.slot[id] as number;
      if (slot >= 0) this.#cluster.unplace(id);
      this.#describe(id, next);
      if (slot >= 0) this.#place(id, slot);
      if (pods.state[id] === podState.parked) {
        this.#listener.unpark(id);
        this.#enqueue(id);
      }
    }
    this.#forget(spec, labels);
  }

  /** Brings the pod to where the store says it is. */
  #settle(id: PodId, { spec }: Pod): void {
    const { pods, nodes } = this.#cluster;
    const state = pods.state[id];
    if (isSet(spec.nodeName)) {
      const slot = nodes.slotOf(spec.nodeName);
      const isThere = slot >= 0 && pods.slot[id] === slot;
      if (!isThere) {
        this.#withdraw(id);
        if (slot >= 0) this.#place(id, slot);
        else this.#stray(id, spec.nodeName);
      }
      if (pods.pinned[id] === 1) pods.nodeNames.set(id, spec.nodeName);
      pods.state[id] = podState.bound;
      return;
    }
    if (state === podState.assumed || state === podState.parked || state === podState.nominated) return;
    if ((spec.schedulingGates ?? []).length > 0) {
      this.#queue.remove(id);
      pods.state[id] = podState.gated;
      return;
    }
    const pin = pinOf(spec);
    if (pin !== undefined) pods.nodeNames.set(id, pin);
    this.#queue.remove(id);
    this.#enqueue(id);
  }

  /** On the devices that the store says it has. */
  #place(id: PodId, slot: number): void {
    const { pods, devices } = this.#cluster;
    this.#cluster.place(id, slot, devices.parse(pods.deviceNotes.get(id)));
  }

  #enqueue(id: PodId): void {
    this.#cluster.pods.state[id] = podState.pending;
    this.#queue.push(id);
  }

  /** Takes the pod out of wherever it is. */
  #withdraw(id: PodId): void {
    const { pods } = this.#cluster;
    this.#queue.remove(id);
    this.#listener.unpark(id);
    if ((pods.slot[id] as number) >= 0) {
      this.#cluster.unplace(id);
      this.#listener.onGone(id);
    }
    if (this.#strays.size === 0) return;
    const nodeName = pods.nodeNames.get(id) ?? '';
    const strays = this.#strays.get(nodeName);
    if (strays?.delete(id) === true && strays.size === 0) this.#strays.delete(nodeName);
  }

  #stray(id: PodId, nodeName: string): void {
    this.#cluster.pods.nodeNames.set(id, nodeName);
    const strays = this.#strays.get(nodeName);
    if (strays === undefined) this.#strays.set(nodeName, new Set([id]));
    else strays.add(id);
  }

  #forget(spec: SpecFacts, labels: LabelSet): void {
    this.#cluster.specs.release(spec);
    labels.references -= 1;
    if (labels.references > 0) return;
    this.#cluster.dropLabels(labels);
    this.#listener.onLabelsDropped(labels);
  }
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
