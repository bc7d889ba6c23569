import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Pod } from '@berth/api';
import type { Benchmark, Measured } from '../benchmark.ts';
import { medianOf } from '../measure.ts';
import { benchNodes, benchPod, benchPods, boundTo } from './objects.ts';
import { decideAll, type Scene, sessionWith } from './session-run.ts';
import { social } from './topology-workloads.ts';

const large = { cpu: '32', memory: '256Gi', pods: '400' };
const quiet = { placed: () => undefined, preempting: () => undefined, unschedulable: () => undefined };

function usPerPod(scene: Scene): number {
  const { median } = medianOf(() => (decideAll(scene).decisions.threadMs * 1000) / scene.pending.length);
  return median;
}

function ratio(dividend: Scene, divisor: Scene): Measured {
  const [above, below] = [usPerPod(dividend), usPerPod(divisor)];
  return { value: above / below, note: `${above.toFixed(2)} us against ${below.toFixed(2)} us`, violations: [] };
}

function presentPods(
  count: number,
  nodes: number,
  sketch: Parameters<typeof benchPods>[2] = () => ({}),
): readonly Pod[] {
  return Array.from({ length: count }, (_, at) => boundTo(benchPod(`present-${at}`, sketch(at)), `node-${at % nodes}`));
}

function plainGrowth(): Measured {
  const scene = (nodes: number): Scene => ({ nodes: benchNodes(nodes, large), pending: benchPods(100_000, 'plain') });
  return ratio(scene(10_000), scene(1_000));
}

function fullGrowth(): Measured {
  const nodes = benchNodes(10_000, large);
  const pending = benchPods(50_000, 'plain');
  return ratio({ nodes, present: presentPods(100_000, 10_000), pending }, { nodes, pending });
}

function affinityGrowth(): Measured {
  const nodes = benchNodes(5_000, large);
  const pending = benchPods(50_000, 'social', social);
  const scene = (present: number): Scene => ({ nodes, present: presentPods(present, 5_000, social), pending });
  return ratio(scene(100_000), scene(1_000));
}

/** Collects all garbage; V8 offers that under a flag only. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function heapBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What stays when the objects that the session was fed with are gone. */
function heapOfSession(): Measured {
  const collect = collector();
  // Twice: buffers of what went in the first collection are given back in the second.
  collect();
  collect();
  const before = heapBytes();
  const session = sessionWith({ nodes: [] });
  for (const node of benchNodes(10_000)) session.upsertNode(node);
  for (let at = 0; at < 100_000; at += 1) session.upsertPod(boundTo(benchPod(`pod-${at}`, {}), `node-${at % 10_000}`));
  session.upsertPod(benchPod('first', {}));
  session.schedule(1, quiet);
  collect();
  collect();
  const megabytes = (heapBytes() - before) / 1e6;
  const { pods } = session.stats();
  const violations = pods === 100_001 ? [] : [`the session knows ${pods} pods`];
  return { value: megabytes, note: 'heap and buffers, names and uids included', violations };
}

function garbagePerPlacement(): Measured {
  const collect = collector();
  const decisions = 5_000;
  const session = sessionWith({ nodes: benchNodes(5_000) });
  for (const pod of benchPods(100_000, 'plain')) session.upsertPod(pod);
  session.schedule(20_000, quiet);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 16; round += 1) {
    collect();
    const before = process.memoryUsage().heapUsed;
    session.schedule(decisions, quiet);
    // A collection in between shows as less than nothing.
    const bytes = (process.memoryUsage().heapUsed - before) / decisions;
    if (bytes >= 0) least = Math.min(least, bytes);
  }
  return { value: Math.round(least), note: `${decisions} placements at a time`, violations: [] };
}

interface RatioRow {
  readonly id: string;
  readonly what: string;
  readonly gate: number;
  readonly goal: number;
  measure(): Measured;
}

function row(unit: string, { id, what, gate, goal, measure }: RatioRow): Benchmark {
  return { id, what, unit, better: 'lower', gate, goal, run: async () => measure() };
}

export const growthRows: readonly Benchmark[] = [
  row('times', {
    id: 'G1',
    what: 'plain: time per pod, 10k against 1k nodes',
    gate: 4,
    goal: 1.5,
    measure: plainGrowth,
  }),
  row('times', { id: 'G2', what: 'plain: 100k pods present against none', gate: 1.3, goal: 1.05, measure: fullGrowth }),
  row('times', {
    id: 'G3',
    what: 'affinity: 100k pods that match against 1k',
    gate: 2,
    goal: 1.1,
    measure: affinityGrowth,
  }),
  row('MB', { id: 'M1', what: 'memory for 10k nodes and 100k pods', gate: 100, goal: 16, measure: heapOfSession }),
  row('bytes', { id: 'M2', what: 'garbage per placement, plain', gate: 1_000, goal: 0, measure: garbagePerPlacement }),
];
