import type { Profile } from '@berth/scheduler';
import { type Placed, violationsOf } from '../checker.ts';
import { machineNode, sessionFor, taskPod, totalUnits, unitsOf } from './replay.ts';
import type { Machine, Stay, TaskClass } from './trace.ts';

/** Tasks come until they ask for so much of the GPUs. */
const load = 0.95;
/** After one pass through the list, measured every so many departures during another one. */
const sampleInterval = 100;

export interface Churn {
  /** Share of the idle GPU units on devices that a task for one whole GPU could get, mean over the samples, in %. */
  readonly usable: number;
  /** Tasks that found no room, in % of those that came. */
  readonly dropped: number;
  readonly violations: readonly string[];
}

interface Running {
  readonly uid: string;
  readonly units: number;
  readonly end: number;
}

/**
 * Tasks come in the order of the trace and stay for as long as they did there; the next comes whenever those that came and
 * have not left ask for less than the load aimed at. One that finds no room counts as if it ran elsewhere: every policy gets the same
 * tasks at the same moments.
 */
export function churn(
  machines: readonly Machine[],
  classes: readonly TaskClass[],
  stays: readonly Stay[],
  profile: Profile,
): Churn {
  const session = sessionFor(machines, profile);
  const capacity = totalUnits(machines);
  const running: Running[] = [];
  const placed = new Map<string, Placed>();
  const samples: number[] = [];
  const whole = typicalWhole(classes);
  let units = 0;
  let now = 0;
  let dropped = 0;
  let departures = 0;
  let violations: readonly string[] = [];
  for (let next = 0; next < 2 * stays.length; ) {
    const stay = stays[next % stays.length] as Stay;
    const taskClass = classes[stay.taskClass] as TaskClass;
    if (units + unitsOf(taskClass) <= load * capacity) {
      const uid = `task-${next++}`;
      const pod = taskPod(uid, taskClass);
      session.upsertPod(pod);
      session.schedule(1, {
        placed: (_uid, node, _score, devices) => void placed.set(uid, { pod, node, devices }),
        preempting: () => undefined,
        unschedulable: () => undefined,
      });
      units += unitsOf(taskClass);
      push(running, { uid, units: unitsOf(taskClass), end: now + stay.deleted - stay.created });
      if (placed.has(uid)) continue;
      session.removePod(uid);
      if (next > stays.length) dropped += 1;
      continue;
    }
    const gone = pop(running);
    now = gone.end;
    units -= gone.units;
    session.removePod(gone.uid);
    placed.delete(gone.uid);
    departures += 1;
    if (next > stays.length && departures % sampleInterval === 0) {
      samples.push(usableShare(machines, [...placed.values()], whole));
      if (violations.length === 0) violations = violationsOf(machines.map(machineNode), [...placed.values()]);
    }
  }
  const usable = (100 * samples.reduce((sum, share) => sum + share, 0)) / samples.length;
  return { usable, dropped: (100 * dropped) / stays.length, violations };
}

/** The most frequent task that asks for one whole GPU. */
function typicalWhole(classes: readonly TaskClass[]): TaskClass {
  const whole = classes.filter(({ gpus, gpuMilli, models }) => gpus === 1 && gpuMilli === 1000 && models.length === 0);
  return whole.reduce((most, each) => (each.count > most.count ? each : most));
}

/** Counted from the placements alone. */
function usableShare(machines: readonly Machine[], placed: readonly Placed[], task: TaskClass): number {
  const rooms = new Map(
    machines.map(({ name, cpuMillis, memoryMiB, gpus }) => [
      name,
      { cpu: cpuMillis, memory: memoryMiB, rests: new Array<number>(gpus).fill(1000) },
    ]),
  );
  for (const { pod, node, devices } of placed) {
    const room = rooms.get(node);
    const requests = pod.spec.containers[0]?.resources?.requests ?? {};
    if (room === undefined) continue;
    room.cpu -= Number.parseInt(requests['cpu'] ?? '0', 10);
    room.memory -= Number.parseInt(requests['memory'] ?? '0', 10);
    const numbers = (JSON.parse(devices ?? '{}') as Record<string, readonly number[]>)['berth.dev/gpu'] ?? [];
    for (const number of numbers)
      room.rests[number] = (room.rests[number] ?? 0) - Number(requests['berth.dev/gpu-milli'] ?? 1000);
  }
  let idle = 0;
  let usable = 0;
  for (const { cpu, memory, rests } of rooms.values()) {
    idle += rests.reduce((sum, rest) => sum + rest, 0);
    const fits = Math.min(Math.floor(cpu / task.cpuMillis), Math.floor(memory / task.memoryMiB));
    usable += 1000 * Math.min(fits, rests.filter((rest) => rest === 1000).length);
  }
  return usable / idle;
}

/** A binary heap by time of departure. */
function push(heap: Running[], task: Running): void {
  let at = heap.length;
  heap.push(task);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Running;
    if (above.end <= task.end) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = task;
}

function pop(heap: Running[]): Running {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) throw new RangeError('nothing runs, and the next task does not fit');
  let at = 0;
  for (let child = 1; child < heap.length; child = at * 2 + 1) {
    if (child + 1 < heap.length && (heap[child + 1] as Running).end < (heap[child] as Running).end) child += 1;
    if ((heap[child] as Running).end >= last.end) break;
    heap[at] = heap[child] as Running;
    at = child;
  }
  if (heap.length > 0) heap[at] = last;
  return first;
}
