import type { Node, Pod } from '@berth/api';
import { createSession, type Profile, type Session } from '@berth/scheduler';
import { type Placed, violationsOf } from '../checker.ts';
import { type ArrivalOrder, type Machine, publishedAt, type TaskClass, type Trace } from './trace.ts';

const gpu = 'berth.dev/gpu';
const gpuMilli = 'berth.dev/gpu-milli';
const modelLabel = 'gpu-model';

/** What a run came to. */
export interface Replay {
  /** Allocated GPUs in % of all, at each of `publishedAt`: the mean over the arrivals that round to it. */
  readonly allocated: readonly number[];
  /** The last of them. */
  readonly atEnd: number;
  readonly violations: readonly string[];
}

export function machineNode({ name, cpuMillis, memoryMiB, gpus, model }: Machine): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, [modelLabel]: model } },
    spec: {},
    status: {
      allocatable: { cpu: `${cpuMillis}m`, memory: `${memoryMiB}Mi`, pods: '1001', [gpu]: `${gpus}` },
    },
  };
}

export function taskPod(uid: string, { cpuMillis, memoryMiB, gpus, gpuMilli: milli, models }: TaskClass): Pod {
  const devices = gpus === 0 ? {} : milli < 1000 ? { [gpuMilli]: `${milli}` } : { [gpu]: `${gpus}` };
  const requests = { cpu: `${cpuMillis}m`, memory: `${memoryMiB}Mi`, ...devices };
  const nodeSelectorTerms = [{ matchExpressions: [{ key: modelLabel, operator: 'In', values: [...models] }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, namespace: 'openb', uid, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'main', resources: { requests } }], ...(models.length === 0 ? {} : { affinity }) },
  };
}

/** GPU units (thousandths of one) that a task takes. */
export function unitsOf({ gpus, gpuMilli: milli }: TaskClass): number {
  return gpus * milli;
}

export function totalUnits(machines: readonly Machine[]): number {
  return 1000 * machines.reduce((sum, { gpus }) => sum + gpus, 0);
}

/** `profile` decides; nodes that it holds equal are taken by their rank; without ranks by the session's own order. */
export function sessionFor(machines: readonly Machine[], profile: Profile, ranks?: readonly number[]): Session {
  const rankOf = new Map(machines.map(({ name }, at) => [name, ranks?.[at] ?? 0]));
  const session = createSession({
    profiles: [profile],
    recordsMax: 0,
    ...(ranks === undefined ? {} : { nodeOrder: (name) => rankOf.get(name) ?? 0 }),
  });
  for (const machine of machines) session.upsertNode(machineNode(machine));
  return session;
}

/** Tasks arrive one by one; one that fits nowhere at that moment is dropped. Nothing ever ends. */
export function replay(
  machines: readonly Machine[],
  { classes }: Pick<Trace, 'classes'>,
  { arrivals, ranks }: Pick<ArrivalOrder, 'arrivals'> & { readonly ranks?: readonly number[] },
  profile: Profile,
): Replay {
  const session = sessionFor(machines, profile, ranks);
  const curve = new AllocationCurve(totalUnits(machines));
  const placed: Placed[] = [];
  let pod: Pod = taskPod('none', classes[0] as TaskClass);
  let isPlaced = false;
  const sink = {
    placed(_uid: string, node: string, _score: number, devices: string | undefined): void {
      isPlaced = true;
      placed.push({ pod, node, devices });
    },
    preempting: () => undefined,
    unschedulable: () => undefined,
  };
  for (const [at, index] of arrivals.entries()) {
    const taskClass = classes[index] as TaskClass;
    pod = taskPod(`task-${at}`, taskClass);
    isPlaced = false;
    session.upsertPod(pod);
    session.schedule(1, sink);
    if (!isPlaced) session.removePod(`task-${at}`);
    curve.add(unitsOf(taskClass), isPlaced);
  }
  return { ...curve.values(), violations: violationsOf(machines.map(machineNode), placed) };
}

/** All tasks of the run wait at once and are placed as one set. */
export function replayBatch(
  machines: readonly Machine[],
  { classes }: Trace,
  { arrivals, ranks }: ArrivalOrder,
  profile: Profile,
): { readonly atEnd: number; readonly violations: readonly string[] } {
  const session = sessionFor(machines, profile, ranks);
  const pods = new Map(
    arrivals.map((index, at) => [
      `task-${at}`,
      { pod: taskPod(`task-${at}`, classes[index] as TaskClass), units: unitsOf(classes[index] as TaskClass) },
    ]),
  );
  for (const { pod } of pods.values()) session.upsertPod(pod);
  const placed: Placed[] = [];
  let units = 0;
  session.scheduleBatch({
    placed(uid, node, _score, devices) {
      const task = pods.get(uid) as { readonly pod: Pod; readonly units: number };
      units += task.units;
      placed.push({ pod: task.pod, node, devices });
    },
    preempting: () => undefined,
    unschedulable: () => undefined,
  });
  const violations = violationsOf(machines.map(machineNode), placed);
  return { atEnd: (100 * units) / totalUnits(machines), violations };
}

/** As the published results are rounded: in some runs an arrival falls exactly between two. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

/** Allocated against arrived, as the published results have it. */
class AllocationCurve {
  readonly #capacity: number;
  readonly #sums = new Map<number, { sum: number; count: number }>();
  #arrived = 0;
  #allocated = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(units: number, isPlaced: boolean): void {
    this.#arrived += units;
    if (isPlaced) this.#allocated += units;
    const percent = roundHalfToEven((100 * this.#arrived) / this.#capacity);
    const allocated = Math.round((10_000 * this.#allocated) / this.#capacity) / 100;
    const bin = this.#sums.get(percent) ?? { sum: 0, count: 0 };
    bin.sum += allocated;
    bin.count += 1;
    this.#sums.set(percent, bin);
  }

  values(): Pick<Replay, 'allocated' | 'atEnd'> {
    const allocated = publishedAt.map((percent) => {
      const { sum, count } = this.#sums.get(percent) ?? { sum: Number.NaN, count: 1 };
      return sum / count;
    });
    return { allocated, atEnd: allocated.at(-1) ?? Number.NaN };
  }
}
