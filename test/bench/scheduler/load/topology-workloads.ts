import type { PodAffinityTerm } from '@berth/api';
import type { Benchmark } from '../benchmark.ts';
import { skewViolations } from '../checker.ts';
import { type BenchPod, benchNodes, benchPods, hostKey, zoneKey } from './objects.ts';
import { type ThroughputRow, throughput } from './throughput-row.ts';

const namespaces = ['bench-0', 'bench-1'];
const colour = { color: 'green' };

function term(topologyKey: string): PodAffinityTerm {
  return { topologyKey, namespaces, labelSelector: { matchLabels: colour } };
}

function lonely(at: number): BenchPod {
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term(hostKey)] };
  return { namespace: namespaces[at % 2] ?? '', labels: colour, spec: { affinity: { podAntiAffinity } } };
}

export function social(at: number): BenchPod {
  const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term(zoneKey)] };
  return { namespace: namespaces[at % 2] ?? '', labels: colour, spec: { affinity: { podAffinity } } };
}

function spread(topologyKey: string, whenUnsatisfiable: string): (at: number) => BenchPod {
  const constraint = { maxSkew: 5, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { app: 'spread' } } };
  return () => ({ labels: { app: 'spread' }, spec: { topologySpreadConstraints: [constraint] } });
}

/** A thousand deployments, whose pods are spread by owner as those of every controller are; they come in turns. */
export function deployed(at: number): BenchPod {
  return { labels: { app: `app-${at % 1_000}` }, owner: `replica-set-${at % 1_000}` };
}

interface Sizes {
  readonly gate?: number;
  readonly goal: number;
  readonly goalAt10k: number;
}

/** The same workload with 5,000 and with 10,000 nodes. */
function bothSizes(
  id: string,
  what: string,
  sizes: Sizes,
  row: (nodes: number) => Pick<ThroughputRow, 'scene' | 'violations'>,
): readonly Benchmark[] {
  const { gate, goal, goalAt10k } = sizes;
  return [
    throughput({ id, what, goal, ...(gate === undefined ? {} : { gate }), ...row(5_000) }),
    throughput({ id: `${id}/10k`, what, goal: goalAt10k, ...row(10_000) }),
  ];
}

export const topologyWorkloads: readonly Benchmark[] = [
  ...bothSizes(
    'W5',
    'required anti-affinity, hosts, 2 namespaces',
    { gate: 20_000, goal: 150_000, goalAt10k: 100_000 },
    (nodes) => ({
      scene: () => ({ nodes: benchNodes(nodes), pending: benchPods(nodes, 'lonely', lonely) }),
    }),
  ),
  ...bothSizes(
    'W6',
    'required affinity, zones, 2 namespaces',
    { gate: 20_000, goal: 100_000, goalAt10k: 80_000 },
    (nodes) => ({
      scene: () => ({ nodes: benchNodes(nodes), pending: benchPods(50_000, 'social', social) }),
    }),
  ),
  ...bothSizes(
    'W7',
    'spread over 3 zones, maxSkew 5, required',
    { gate: 20_000, goal: 100_000, goalAt10k: 80_000 },
    (nodes) => ({
      scene: () => ({
        nodes: benchNodes(nodes),
        pending: benchPods(100_000, 'spread', spread(zoneKey, 'DoNotSchedule')),
      }),
      violations: (scene, placed) => skewViolations(scene.nodes, placed, zoneKey, 5),
    }),
  ),
  ...bothSizes(
    'W7p',
    'spread over 3 zones, preferred',
    { gate: 20_000, goal: 100_000, goalAt10k: 80_000 },
    (nodes) => ({
      scene: () => ({
        nodes: benchNodes(nodes),
        pending: benchPods(100_000, 'spread', spread(zoneKey, 'ScheduleAnyway')),
      }),
    }),
  ),
  ...bothSizes(
    'W7h',
    'spread over hosts, maxSkew 5, required',
    { gate: 20_000, goal: 100_000, goalAt10k: 80_000 },
    (nodes) => ({
      scene: () => ({
        nodes: benchNodes(nodes),
        pending: benchPods(100_000, 'spread', spread(hostKey, 'DoNotSchedule')),
      }),
      violations: (scene, placed) => skewViolations(scene.nodes, placed, hostKey, 5),
    }),
  ),
  ...bothSizes(
    'W7d',
    'default spread of 1,000 deployments in turns',
    { gate: 20_000, goal: 100_000, goalAt10k: 80_000 },
    (nodes) => ({
      scene: () => ({ nodes: benchNodes(nodes), pending: benchPods(20_000, 'deployed', deployed) }),
    }),
  ),
];
