import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Tasks that ask for the same. */
export interface TaskClass {
  readonly cpuMillis: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** Of each GPU; below 1000 only where one GPU is shared. */
  readonly gpuMilli: number;
  /** Allowed models of GPU; empty: any. */
  readonly models: readonly string[];
  /** Tasks of this class in the list. */
  readonly count: number;
}

export interface Trace {
  readonly name: string;
  readonly classes: readonly TaskClass[];
  /** By seed: classes in order of arrival, and the rank of each node. */
  readonly orders: ReadonlyMap<number, ArrivalOrder>;
}

export interface ArrivalOrder {
  readonly arrivals: readonly number[];
  readonly ranks: readonly number[];
}

export interface Machine {
  readonly name: string;
  readonly cpuMillis: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  readonly model: string;
}

/** One task of the default trace. */
export interface Stay {
  readonly taskClass: number;
  /** Seconds since the trace began. */
  readonly created: number;
  readonly deleted: number;
}

export const traceNames: readonly string[] = [
  'default',
  'cpu050',
  'cpu100',
  'cpu200',
  'cpu250',
  'gpushare40',
  'gpushare60',
  'gpushare80',
  'gpushare100',
  'gpuspec10',
  'gpuspec20',
  'gpuspec25',
  'gpuspec33',
  'multigpu20',
  'multigpu30',
  'multigpu40',
  'multigpu50',
];

/** Shares of the GPUs that have arrived, in %, at which results are published. */
export const publishedAt: readonly number[] = [
  50, 60, 70, 80, 85, 90, 92, 94, 95, 96, 98, 100, 105, 110, 115, 120, 125, 130,
];

function lines(path: string): readonly string[] {
  return gunzipSync(readFileSync(join(import.meta.dirname, '../data', path)))
    .toString()
    .trim()
    .split('\n');
}

export function readMachines(): readonly Machine[] {
  return lines('nodes.csv.gz').map((line) => {
    const [name = '', cpu, memory, gpus, model = ''] = line.split(',');
    return { name, cpuMillis: Number(cpu), memoryMiB: Number(memory), gpus: Number(gpus), model };
  });
}

export function readTrace(name: string): Trace {
  const classes: TaskClass[] = [];
  const found = new Map<string, readonly number[]>();
  const seeds = new Set<number>();
  for (const line of lines(`traces/${name}.csv.gz`)) {
    const [kind = '', ...rest] = line.split(',');
    if (kind === 'class') classes.push(taskClass(rest));
    else {
      const [seed = '', numbers = ''] = rest;
      seeds.add(Number(seed));
      found.set(`${kind} ${seed}`, numbers.split(' ').map(Number));
    }
  }
  const orders = new Map(
    [...seeds].map((seed) => [
      seed,
      { arrivals: found.get(`pods ${seed}`) ?? [], ranks: found.get(`nodes ${seed}`) ?? [] },
    ]),
  );
  return { name, classes, orders };
}

function taskClass([cpu, memory, gpus, milli, models = '', count]: readonly string[]): TaskClass {
  return {
    cpuMillis: Number(cpu),
    memoryMiB: Number(memory),
    gpus: Number(gpus),
    gpuMilli: Number(milli),
    models: models === '' ? [] : models.split('|'),
    count: Number(count),
  };
}

/** Allocated GPUs in % at each of `publishedAt`, by `trace policy seed`. */
export function readPublished(): ReadonlyMap<string, readonly number[]> {
  return new Map(
    lines('published.csv.gz').map((line) => {
      const [trace, policy, seed, ...values] = line.split(',');
      return [`${trace} ${policy} ${seed}`, values.map(Number)];
    }),
  );
}

export function readStays(): readonly Stay[] {
  return lines('times.csv.gz').map((line) => {
    const [taskClass = 0, created = 0, deleted = 0] = line.split(',').map(Number);
    return { taskClass, created, deleted };
  });
}
