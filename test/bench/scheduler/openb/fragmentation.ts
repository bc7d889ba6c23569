import type { DeviceRule, RuleContext, UsageScore } from '@berth/scheduler';
import { keyOf, type Look, lookOf } from './policy-look.ts';
import type { TaskClass } from './trace.ts';

/** Tasks that cover so much of the list stand for all of them. */
const coverage = 0.95;
const unitsPerDevice = 1000;

/** A task expected next, with its share of all that are. */
interface Expected {
  readonly cpu: number;
  readonly devices: number;
  readonly units: number;
  readonly models: readonly string[];
  readonly share: number;
}

/**
 * Fragmentation gradient descent (Weng et al., USENIX ATC 2023): a placement is the better, the less it adds to the GPU units
 * that a task drawn from the expected ones could not use on the node.
 */
export function fragmentation(classes: readonly TaskClass[]): {
  readonly score: UsageScore;
  readonly deviceChoice: DeviceRule;
} {
  const expected = expectedOf(classes);
  return {
    score: {
      name: 'FGD',
      scope: 'usage',
      key: keyOf,
      prepare: (context) => {
        const gradient = gradientOf(expected, context);
        return { score: (slot) => gradient(slot).score };
      },
    },
    deviceChoice: {
      name: 'FGD',
      key: keyOf,
      prepare: (context) => {
        const { unitsPerDevice: units, devices } = lookOf(context);
        if (devices === 0 || units === unitsPerDevice) return undefined;
        const gradient = gradientOf(expected, context);
        return (slot) => new Map([['berth.dev/gpu', 1 << gradient(slot).device]]);
      },
    },
  };
}

/** Memory is no part of what is expected. */
function expectedOf(classes: readonly TaskClass[]): readonly Expected[] {
  const groups = Map.groupBy(classes, ({ cpuMillis, gpus, gpuMilli, models }) =>
    [cpuMillis, gpus, gpuMilli, models.join('|')].join(),
  );
  const counted = [...groups.values()].map((alike) => ({
    task: alike[0] as TaskClass,
    count: alike.reduce((sum, { count }) => sum + count, 0),
  }));
  counted.sort(
    (left, right) =>
      right.count - left.count ||
      right.task.cpuMillis - left.task.cpuMillis ||
      right.task.gpuMilli - left.task.gpuMilli ||
      right.task.gpus - left.task.gpus ||
      // The order of the last ties decides last digits of sums, and with them between scores of 49 and 50.
      modelsDescending(left.task, right.task),
  );
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  let covered = 0;
  const typical = counted.filter(({ count }) => {
    const isWanted = covered < coverage * total;
    if (isWanted) covered += count;
    return isWanted;
  });
  return typical.map(({ task, count }) => ({
    cpu: task.cpuMillis,
    devices: task.gpus,
    units: task.gpuMilli,
    models: task.models,
    // Divided in this order, as published: the last digits decide between 49 and 50.
    share: count / total / (covered / total),
  }));
}

function modelsDescending(left: TaskClass, right: TaskClass): number {
  const [one, other] = [left.models.join('|'), right.models.join('|')];
  return one < other ? 1 : -Number(one > other);
}

interface Step {
  readonly score: number;
  readonly device: number;
}

/** The score of the best way to put the pod on a node, and the device that a part of one is taken from. */
function gradientOf(expected: readonly Expected[], context: RuleContext): (slot: number) => Step {
  const look = lookOf(context);
  const { nodes } = context.cluster;
  return (slot) => {
    const model = nodes.facts[slot]?.labels['gpu-model'] ?? '';
    const cpu = look.freeCpu(slot);
    const rests = [...look.rests(slot)];
    const before = fragments(expected, model, cpu, rests);
    const after = (taken: readonly number[]): number => before - fragments(expected, model, cpu - look.cpu, taken);
    if (look.devices === 0 || look.unitsPerDevice === unitsPerDevice)
      return { score: sigmoid(after(withoutWhole(rests, look.devices))), device: 0 };
    return bestDevice(rests, look, after);
  };
}

function bestDevice(
  rests: number[],
  { unitsPerDevice: units }: Look,
  after: (taken: readonly number[]) => number,
): Step {
  let best: Step = { score: -1, device: 0 };
  for (let device = 0; device < rests.length; device += 1) {
    const rest = rests[device] as number;
    // Devices that are alike give the same, and the first of them stands.
    if (rest < units || rests.indexOf(rest) < device) continue;
    rests[device] = rest - units;
    const score = sigmoid(after(rests));
    rests[device] = rest;
    if (score > best.score) best = { score, device };
  }
  return best;
}

function withoutWhole(rests: readonly number[], devices: number): readonly number[] {
  let missing = devices;
  return rests.map((rest) => {
    if (rest < unitsPerDevice || missing === 0) return rest;
    missing -= 1;
    return 0;
  });
}

function sigmoid(gain: number): number {
  return Math.trunc(100 / (1 + Math.exp(-gain / 1000)));
}

/** Units that the expected tasks could not use. Summed cause by cause, as published: the last digits decide between 49 and 50. */
function fragments(expected: readonly Expected[], model: string, cpu: number, rests: readonly number[]): number {
  let total = 0;
  for (const rest of rests) total += rest;
  const causes = new Float64Array(6);
  for (const { cpu: wanted, devices, units, models, share } of expected) {
    const isCpuEnough = cpu >= wanted;
    let cause: number;
    let lost = total;
    if (devices === 0) cause = isCpuEnough ? 3 : 4;
    else if (models.length > 0 && !models.includes(model)) cause = 5;
    else {
      let suitable = 0;
      let small = 0;
      for (const rest of rests)
        if (rest >= units) suitable += 1;
        else small += rest;
      const isGpuEnough = suitable >= devices;
      if (isGpuEnough && isCpuEnough) lost = small;
      cause = isGpuEnough ? (isCpuEnough ? 1 : 2) : isCpuEnough ? 1 : 0;
    }
    causes[cause] = (causes[cause] as number) + share * lost;
  }
  let sum = 0;
  for (const each of causes) sum += each;
  return sum;
}
