import { type Profile, standardFilters, type UsageScore } from '@berth/scheduler';
import { fragmentation } from './fragmentation.ts';
import { keyOf, kindOf, type Look, lookOf, sum } from './policy-look.ts';
import type { TaskClass } from './trace.ts';

/**
 * The placement policies whose results were published for the trace, as scores: from the paper's description, to prove that a replay
 * here is a replay there. Scores are whole numbers, cut off, as there.
 */

/** The largest node there is: what scores are normalised by. */
const cpuMax = 128_000;
const unitsMax = 8_000;

export const policyNames: readonly string[] = ['DotProd', 'BestFit', 'Clustering', 'Packing', 'FGD'];

/** `classes` are the tasks that FGD expects. */
export function publishedPolicy(name: string, classes: readonly TaskClass[]): Profile {
  const base = { schedulerName: 'default-scheduler', defaultSpread: [] };
  const { score, deviceChoice } =
    name === 'FGD' ? fragmentation(classes) : { score: simple(name), deviceChoice: undefined };
  const scores = [{ rule: score, weight: 1 }];
  return {
    ...base,
    rules: { filters: standardFilters, scores, ...(deviceChoice === undefined ? {} : { deviceChoice }) },
  };
}

const formulas: Readonly<Record<string, (look: Look, slot: number) => number>> = {
  DotProd: dotProduct,
  BestFit: bestFit,
  Clustering: clustering,
  Packing: packing,
};

function simple(name: string): UsageScore {
  const formula = formulas[name];
  if (formula === undefined) throw new RangeError(`${name} is none of the policies ${policyNames.join()}`);
  return {
    name,
    scope: 'usage',
    key: keyOf,
    prepare: (context) => {
      const look = lookOf(context);
      return { score: (slot) => Math.trunc(formula(look, slot)) };
    },
  };
}

function dotProduct(look: Look, slot: number): number {
  const cpu = (look.freeCpu(slot) / cpuMax) * (look.cpu / cpuMax);
  const units = (sum(look.rests(slot)) / unitsMax) * (look.units / unitsMax);
  return 100 * (1 - (cpu + units) / 2);
}

/** Published as stretched over what is feasible; that keeps order and ties of whole numbers, so it is left out. */
function bestFit(look: Look, slot: number): number {
  const cpu = (look.freeCpu(slot) - look.cpu) / cpuMax;
  const units = (sum(look.rests(slot)) - look.units) / unitsMax;
  return 100 * (1 - (cpu + units) / 2);
}

function clustering(look: Look, slot: number): number {
  if (look.devices === 0) return 0;
  const kinds = look.kinds(slot);
  const fullness = Math.trunc((25 * (unitsMax - sum(look.rests(slot)))) / unitsMax);
  if (kinds.size === 0) return 25 + fullness;
  if (!kinds.has(kindOf(look.devices, look.unitsPerDevice))) return 0 + fullness;
  return (kinds.size === 1 ? 75 : 50) + fullness;
}

function packing(look: Look, slot: number): number {
  if (look.devices === 0) return 0;
  const rests = look.rests(slot);
  const free = rests.filter((rest) => rest === 1000).length;
  if (free === rests.length) return Math.max(33 - free, free);
  const shared = rests.filter((rest) => rest < 1000 && rest >= look.unitsPerDevice);
  const taken = Math.max(0, look.devices - shared.length);
  if (taken > 0) return Math.max(50 - taken, 33);
  return Math.max(100 - Math.trunc(Math.min(...shared) / 100), 50);
}
