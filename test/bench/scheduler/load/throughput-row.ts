import type { Benchmark, Measured } from '../benchmark.ts';
import { type Placed, violationsOf } from '../checker.ts';
import { spreadOf } from '../measure.ts';
import { decideAll, type Run, type Scene } from './session-run.ts';

export interface ThroughputRow {
  readonly id: string;
  readonly what: string;
  readonly gate?: number;
  readonly goal?: number;
  scene(): Scene;
  /** Share of the pending pods that must have found a node; default: all. */
  readonly placedShare?: number;
  /** Checks that only this workload needs. */
  violations?(scene: Scene, placed: readonly Placed[]): readonly string[];
}

const runs = 5;

/**
 * Pods decided on per second of processor time, by the scheduler alone: median of five runs after one that warms up, all placements
 * of the last one checked. The note tells what the wall clock says.
 */
export function throughput(row: ThroughputRow): Benchmark {
  const { id, what, gate, goal } = row;
  return {
    id,
    what,
    unit: 'pods/s',
    better: 'higher',
    ...(gate === undefined ? {} : { gate }),
    ...(goal === undefined ? {} : { goal }),
    run: async () => measure(row),
  };
}

function measure(row: ThroughputRow): Measured {
  const scene = row.scene();
  let last: Run = decideAll(scene);
  const rates: number[] = [];
  const wallRates: number[] = [];
  for (let at = 0; at < runs; at += 1) {
    last = decideAll(scene);
    rates.push((scene.pending.length / last.decisions.threadMs) * 1000);
    wallRates.push((scene.pending.length / last.decisions.wallMs) * 1000);
  }
  const { median, least, most } = spreadOf(rates);
  const present = (scene.present ?? []).map((pod): Placed => ({ pod, node: pod.spec.nodeName ?? '' }));
  const all = [...present, ...last.placed];
  const expected = Math.floor(scene.pending.length * (row.placedShare ?? 1));
  const missing = last.placed.length >= expected ? [] : [`${last.placed.length} of ${expected} pods placed`];
  return {
    value: median,
    note: `${scene.nodes.length} nodes, ${scene.pending.length} pods, ${ratesText(least, most, spreadOf(wallRates).median)}`,
    violations: [...missing, ...violationsOf(scene.nodes, all), ...(row.violations?.(scene, last.placed) ?? [])],
  };
}

export function ratesText(least: number, most: number, wall: number): string {
  return `${Math.round(least)} to ${Math.round(most)}, wall clock ${Math.round(wall)}`;
}
