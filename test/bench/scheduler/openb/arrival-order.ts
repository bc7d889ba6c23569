import { totalUnits, unitsOf } from './replay.ts';
import type { ArrivalOrder, Machine, TaskClass } from './trace.ts';

/** Tasks arrive until they ask for so much of the capacity. */
const arrivedShare = 1.3;

/** Orders of nodes that real clusters have: by size, not by chance. */
export const sizeOrders: Readonly<Record<string, (machine: Machine) => number>> = {
  'few GPUs first': ({ gpus }) => gpus,
  'many GPUs first': ({ gpus }) => -gpus,
  'few cores first': ({ cpuMillis }) => cpuMillis,
  'many cores first': ({ cpuMillis }) => -cpuMillis,
  'few cores per GPU first': ({ cpuMillis, gpus }) => cpuMillis / gpus,
};

/**
 * An order of arrival by the rule of the published ones, drawn with another generator: the list shuffled, then more tasks drawn from it
 * (or some taken away) until 130 % of the capacity is asked for; nodes in random order.
 */
export function freshOrder(classes: readonly TaskClass[], machines: readonly Machine[], seed: number): ArrivalOrder {
  const random = generator(seed);
  const list = classes.flatMap(({ count }, index) => Array.from({ length: count }, () => index));
  const unitsAt = (index: number): number => unitsOf(classes[index] as TaskClass);
  const limit = arrivedShare * totalUnits(machines);
  const arrivals = shuffled(list, random);
  let units = arrivals.reduce((sum, index) => sum + unitsAt(index), 0);
  while (units > limit) units -= unitsAt(arrivals.splice(Math.floor(random() * arrivals.length), 1)[0] ?? 0);
  for (;;) {
    const index = list[Math.floor(random() * list.length)] ?? 0;
    const { gpus, gpuMilli } = classes[index] as TaskClass;
    if (units + (gpus === 0 ? 0 : gpuMilli) > limit) break;
    arrivals.push(index);
    units += unitsAt(index);
  }
  const places = shuffled([...machines.keys()], random);
  const ranks = new Array<number>(machines.length).fill(0);
  for (const [rank, place] of places.entries()) ranks[place] = rank;
  return { arrivals, ranks };
}

/** Ranks by size; equals by the random order. */
export function ranksBy(
  machines: readonly Machine[],
  size: (machine: Machine) => number,
  random: readonly number[],
): readonly number[] {
  const sizes = machines.map(size);
  const places = [...machines.keys()].sort(
    (left, right) =>
      (sizes[left] as number) - (sizes[right] as number) || (random[left] as number) - (random[right] as number),
  );
  const ranks = new Array<number>(machines.length).fill(0);
  for (const [rank, place] of places.entries()) ranks[place] = rank;
  return ranks;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}

/** Numbers from 0 to below 1 (Marsaglia's xorshift with 32 bits). */
function generator(seed: number): () => number {
  let state = Math.imul(seed, 2_654_435_761) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
