/** Pods that are alike for the purpose of filling a device. */
export interface Filler {
  /** Units of one device. */
  readonly units: number;
  /** Thousandths of a core. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** How many there are. */
  count: number;
}

/** Combinations looked at for one device, at most. */
const looksMax = 20_000;

/**
 * The combination of fillers that uses most of a device, and of several such the one that uses most of the CPU it may.
 * Answers places in `fillers`, which must be sorted by falling units; with repetitions.
 */
export function bestFilling(
  fillers: readonly Filler[],
  { units, cpu, memory }: Omit<Filler, 'count'>,
): readonly number[] {
  let best: readonly number[] = [];
  let bestUnits = 0;
  let bestCpu = 0;
  let looks = 0;
  const picked: number[] = [];
  const extend = (from: number, unitsLeft: number, cpuLeft: number, memoryLeft: number): void => {
    const used = units - unitsLeft;
    const usedCpu = cpu - cpuLeft;
    if (used > bestUnits || (used === bestUnits && usedCpu > bestCpu)) {
      best = [...picked];
      bestUnits = used;
      bestCpu = usedCpu;
    }
    for (let at = from; at < fillers.length && bestUnits < units && looks < looksMax; at += 1) {
      const filler = fillers[at] as Filler;
      if (filler.units > unitsLeft || filler.cpu > cpuLeft || filler.memory > memoryLeft) continue;
      if (filler.count === 0) continue;
      looks += 1;
      filler.count -= 1;
      picked.push(at);
      extend(at, unitsLeft - filler.units, cpuLeft - filler.cpu, memoryLeft - filler.memory);
      picked.pop();
      filler.count += 1;
    }
  };
  extend(0, units, cpu, memory);
  return best;
}
