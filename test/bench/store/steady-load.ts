import { type BothEngines, fill, inPairs, pairsOf, withBoth } from './both-engines.ts';
import type { Engine } from './engine.ts';
import { generatorHeadroom, type ReachedLoad } from './generator-limit.ts';
import { load } from './load.ts';
import { batchOperations, fillKeys, type LoadOutcome, type LoadPlan } from './load-plan.ts';
import type { Bench, Part } from './part.ts';
import { usageOf } from './process-usage.ts';
import { median, type Row } from './row.ts';

interface Measured extends LoadOutcome {
  readonly cpuMsPerWrite: number;
  readonly diskBytesPerUserByte: number;
}

const keyBytes = 15;
const valueBytes = 256;
const MiB = 1024 * 1024;

/** Throughput and latency under load that lasts, and what that costs. */
export const steady: Part = {
  name: 'steady',
  about: 'throughput and latency under load that lasts, and what that costs',
  extent: ({ pairs, runMs, warmUpMs }) => `${pairs} pairs of ${runMs / 1000} s after ${warmUpMs / 1000} s of warm-up`,
  measure: (bench) => withBoth(bench, (engines) => steadyRows(engines, bench)),
};

async function steadyRows(engines: BothEngines, { extent, tell }: Bench): Promise<Row[]> {
  const { warmUpMs, runMs, pairs } = extent;
  const measure = async (kind: LoadPlan['kind'], clients: number, ratePerSecond?: number): Promise<Both[]> => {
    const plan = { kind, clients, ratePerSecond, warmUpMs, runMs, valueBytes };
    const measured = await inPairs(engines, pairs, (engine) => underLoad(engine, plan));
    const shown = measured.map(
      ({ berth, etcd }) => `${berth.requestsPerSecond.toFixed(0)}/${etcd.requestsPerSecond.toFixed(0)}`,
    );
    const failures = measured.reduce((sum, { berth, etcd }) => sum + berth.failures + etcd.failures, 0);
    tell(`${kind}, ${clients} clients: ${shown.join(' ')} requests/s (Berth/etcd), ${failures} failures`);
    return measured;
  };
  const memory = await memoryWhenFilled(engines);
  const write1 = await measure('write', 1);
  const write64 = await measure('write', 64);
  const write1000 = await measure('write', 1000);
  const batch = await measure('batch', 16);
  const read1 = await measure('read', 1);
  const read64 = await measure('read', 64);
  const stale = await measure('stale-read', 64);
  const halfRate = median(write64.map(({ etcd }) => etcd.requestsPerSecond)) / 2;
  const paced = await measure('write', 64, halfRate);
  const rate = ({ requestsPerSecond }: LoadOutcome): number => requestsPerSecond;
  const higher = { kind: 'comparison', unit: '/s', better: 'higher' } as const;
  const lower = { kind: 'comparison', unit: 'ms', better: 'lower' } as const;
  const reached: ReachedLoad[] = [
    { kind: 'write', clients: 64, requestsPerSecond: fastest(write64) },
    { kind: 'write', clients: 1000, requestsPerSecond: fastest(write1000) },
    { kind: 'batch', clients: 16, requestsPerSecond: fastest(batch) },
    { kind: 'read', clients: 64, requestsPerSecond: fastest([...read64, ...stale]) },
  ];
  const headroom = await generatorHeadroom(reached, tell);
  return [
    {
      ...lower,
      what: 'write p50, 1 client, 256 B',
      gate: 2,
      target: 1.3,
      pairs: pairsOf(write1, ({ p50Ms }) => p50Ms),
    },
    { ...higher, what: 'writes, 64 clients', gate: 0.5, target: 0.8, pairs: pairsOf(write64, rate) },
    { ...higher, what: 'writes, 1,000 clients', gate: 0.5, target: 0.8, pairs: pairsOf(write1000, rate) },
    {
      ...higher,
      what: `operations in batches of ${batchOperations}, 16 clients`,
      gate: 1,
      target: 2,
      pairs: pairsOf(batch, (outcome) => rate(outcome) * batchOperations),
    },
    {
      ...lower,
      what: `write p99 at half of etcd's saturation (${halfRate.toFixed(0)}/s)`,
      gate: 2.5,
      target: 1.5,
      pairs: pairsOf(paced, ({ p99Ms }) => p99Ms),
    },
    { ...higher, what: 'linearizable reads, 64 clients', gate: 0.5, target: 0.9, pairs: pairsOf(read64, rate) },
    {
      ...lower,
      what: 'linearizable read p50, 1 client',
      gate: 2,
      target: 1.3,
      pairs: pairsOf(read1, ({ p50Ms }) => p50Ms),
    },
    { ...higher, what: 'stale reads, 64 clients', gate: 0.7, target: 1, pairs: pairsOf(stale, rate) },
    {
      ...lower,
      what: 'processor time per write, all members, 64 clients',
      gate: 4,
      target: 2,
      pairs: pairsOf(write64, ({ cpuMsPerWrite }) => cpuMsPerWrite),
    },
    {
      kind: 'comparison',
      what: 'bytes written to disk per user byte, all members, 64 clients',
      unit: '',
      better: 'lower',
      gate: 2,
      target: 1.2,
      pairs: pairsOf(write64, ({ diskBytesPerUserByte }) => diskBytesPerUserByte),
    },
    {
      kind: 'comparison',
      what: `resident memory of all members, ${fillKeys.toLocaleString('en')} keys of 1 KiB`,
      unit: 'MiB',
      better: 'lower',
      gate: 3,
      target: 1.5,
      pairs: [memory],
    },
    {
      kind: 'own',
      what: 'generators with a server that does nothing, to the fastest of either engine, least of all loads',
      unit: '',
      better: 'higher',
      gate: 2,
      target: 2,
      berth: [headroom],
      etcd: [],
    },
  ];
}

interface Both {
  readonly berth: Measured;
  readonly etcd: Measured;
}

function fastest(measured: readonly Both[]): number {
  return Math.max(...measured.flatMap(({ berth, etcd }) => [berth.requestsPerSecond, etcd.requestsPerSecond]));
}

async function underLoad(engine: Engine, plan: Omit<LoadPlan, 'endpoint'>): Promise<Measured> {
  const before = await usageOf(engine.pids);
  const outcome = await load(engine, plan);
  const after = await usageOf(engine.pids);
  const userBytes = outcome.requests * (plan.valueBytes + keyBytes);
  return {
    ...outcome,
    cpuMsPerWrite: (after.cpuMs - before.cpuMs) / outcome.requests,
    diskBytesPerUserByte: (after.writtenBytes - before.writtenBytes) / userBytes,
  };
}

/** In MiB, with keys of 1 KiB. */
async function memoryWhenFilled({
  berth,
  etcd,
}: BothEngines): Promise<{ readonly berth: number; readonly etcd: number }> {
  const filled = async (engine: Engine): Promise<number> => {
    await fill(engine, 1024);
    return (await usageOf(engine.pids)).residentBytes / MiB;
  };
  return { berth: await filled(berth), etcd: await filled(etcd) };
}
