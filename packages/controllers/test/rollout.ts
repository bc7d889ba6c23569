import { parseTime } from '@berth/api';
import type { Controller } from '../src/controller.ts';
import { deploymentController } from '../src/deployment/deployment-controller.ts';
import { garbageCollector } from '../src/garbage-collector/garbage-collector.ts';
import { replicaSetController } from '../src/replica-set/replica-set-controller.ts';
import { FakeCluster, type Loose } from './fake-cluster.ts';
import { condition, deployment, makeReady, settings } from './fixtures.ts';
import { Loops } from './loops.ts';

const key = 'default/web';

/** A Deployment `web` with the loops that serve it, and what a test wants to know of it. */
export class Rollout {
  readonly cluster: FakeCluster = new FakeCluster();
  readonly loops: Loops;
  readonly #replicaSets: Controller;

  constructor(replicas: number, spec: object = {}) {
    this.#replicaSets = replicaSetController(settings);
    this.loops = new Loops(this.cluster, [deploymentController, this.#replicaSets, garbageCollector(settings)]);
    this.cluster.create('deployments.apps', deployment(replicas, spec));
  }

  get deployment(): Loose {
    return this.cluster.at('deployments.apps', key);
  }

  get sets(): readonly Loose[] {
    return this.cluster.all('replicasets.apps');
  }

  /** Neither finished nor on their way out. */
  get pods(): readonly Loose[] {
    return this.cluster.all('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  get readyPods(): readonly Loose[] {
    return this.pods.filter(({ status }) =>
      status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
  }

  /** Image to number of pods. */
  get images(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { spec } of this.pods) {
      const image = spec.containers?.[0]?.image ?? '';
      counts[image] = (counts[image] ?? 0) + 1;
    }
    return counts;
  }

  get scalingMessages(): readonly string[] {
    return this.cluster.events.filter(({ reason }) => reason === 'ScalingReplicaSet').map(({ message }) => message);
  }

  settle(): void {
    this.loops.settle();
  }

  /** As agents do: deleted pods end, all others become ready, until nothing moves any more. */
  complete(): void {
    this.settle();
    for (let rounds = 0; rounds < 200; rounds += 1) {
      const moved = this.endDeleted() + this.makeReady(this.pods.length);
      this.settle();
      if (moved === 0) return;
    }
    throw new Error('the rollout does not come to rest');
  }

  endDeleted(): number {
    const deleted = this.cluster.all('pods').filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    for (const { metadata } of deleted) this.cluster.finishDeletion(`default/${metadata.name}`);
    return deleted.length;
  }

  makeReady(count: number): number {
    const ready = new Set(this.readyPods);
    const waiting = this.pods.filter((pod) => !ready.has(pod)).slice(0, count);
    for (const { metadata } of waiting) makeReady(this.cluster, metadata.name);
    return waiting.length;
  }

  makeOneReady(index: number): void {
    const ready = new Set(this.readyPods);
    const waiting = this.pods.filter((pod) => !ready.has(pod));
    const pod = waiting[index % Math.max(1, waiting.length)];
    if (pod !== undefined) makeReady(this.cluster, pod.metadata.name, `n${index % 3}`);
  }

  /** Ready for at least so long. */
  availablePods(minReadySeconds: number): number {
    const { wallMs } = this.cluster.now;
    return this.readyPods.filter((pod) => {
      const since = parseTime(condition(pod, 'Ready')?.lastTransitionTime ?? '') ?? 0;
      return wallMs - since >= minReadySeconds * 1000;
    }).length;
  }

  /** What their own timers would do. */
  wakeReplicaSets(): void {
    this.loops.wakeAll(this.#replicaSets, ...this.sets.map(({ metadata }) => `default/${metadata.name}`));
  }

  edit(spec: object): void {
    this.cluster.edit('deployments.apps', key, (object) => ({ spec: { ...object.spec, ...spec } }));
  }

  setImage(image: string): void {
    const { template } = this.deployment.spec;
    const containers = [{ ...template?.spec?.containers[0], image }];
    this.edit({ template: { ...template, spec: { ...template?.spec, containers } } });
  }

  setOfImage(image: string): Loose {
    const found = this.sets.find(({ spec }) => spec.template?.spec?.containers[0]?.image === image);
    if (found === undefined) throw new Error(`no ReplicaSet runs ${image}`);
    return found;
  }
}

export function revision(object: Loose): string | undefined {
  return object.metadata.annotations?.['deployment.kubernetes.io/revision'];
}
