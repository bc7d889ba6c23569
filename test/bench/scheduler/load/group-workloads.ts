import type { Node, Pod } from '@berth/api';
import { profile } from '@berth/scheduler';
import type { Benchmark } from '../benchmark.ts';
import type { Placed } from '../checker.ts';
import { machineNode, taskPod, totalUnits, unitsOf } from '../openb/replay.ts';
import { readMachines, readTrace, type TaskClass } from '../openb/trace.ts';
import { benchNodes, benchPods, zoneKey } from './objects.ts';
import type { Scene } from './session-run.ts';
import { throughput } from './throughput-row.ts';

/** So much of the trace fits but for a task or two that want nearly a whole large node each. */
const placedShare = 0.999;
const deviceLoad = 0.8;
const gangSizes = [8, 16, 32, 64, 128, 256, 512];
const zones = 25;

/** The trace's cluster several times over, and as many tasks. */
function deviceScene(copies: number): Scene {
  const machines = readMachines();
  const { classes, orders } = readTrace('default');
  const nodes: Node[] = [];
  const pending: Pod[] = [];
  for (let copy = 0; copy < copies; copy += 1)
    for (const machine of machines) nodes.push(machineNode({ ...machine, name: `${machine.name}-${copy}` }));
  let units = 0;
  for (const [at, index] of (orders.get(42)?.arrivals ?? []).entries()) {
    const taskClass = classes[index] as TaskClass;
    units += unitsOf(taskClass);
    if (units > deviceLoad * totalUnits(machines)) break;
    for (let copy = 0; copy < copies; copy += 1) pending.push(taskPod(`task-${at}-${copy}`, taskClass));
  }
  return { nodes, pending, profile: profile('default-scheduler', 'stranding') };
}

/** Gangs of 8 to 512 pods, each within a zone of 200 or 400 nodes. */
function gangScene(nodeCount: number, rounds: number): Scene {
  const nodes = benchNodes(nodeCount).map((node, at) => ({
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, [zoneKey]: `zone-${at % zones}` } },
  }));
  const pending = Array.from({ length: rounds }, (_, round) =>
    gangSizes.flatMap((size) => {
      const name = `gang-${round}-${size}`;
      const annotations = {
        'berth.dev/gang': name,
        'berth.dev/gang-size': `${size}`,
        'berth.dev/gang-topology': zoneKey,
      };
      return benchPods(size, name, () => ({ annotations }));
    }),
  ).flat();
  return { nodes, pending };
}

/** All of a gang or nothing, and all of it in one zone. */
function gangViolations({ nodes }: Scene, placed: readonly Placed[]): readonly string[] {
  const zoneOf = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels?.[zoneKey]]));
  const gangs = Map.groupBy(placed, ({ pod }) => pod.metadata.annotations?.['berth.dev/gang'] ?? '');
  return [...gangs].flatMap(([name, members]) => {
    const size = Number(name.split('-').at(-1));
    const inZones = new Set(members.map(({ node }) => zoneOf.get(node))).size;
    return [
      ...(members.length === size ? [] : [`${members.length} of ${size} pods of ${name} are placed`]),
      ...(inZones === 1 ? [] : [`${name} is in ${inZones} zones`]),
    ];
  });
}

export const groupWorkloads: readonly Benchmark[] = [
  throughput({
    id: 'W11',
    what: 'devices: openb four times over, stranding-aware',
    gate: 20_000,
    goal: 100_000,
    placedShare,
    scene: () => deviceScene(4),
  }),
  throughput({
    id: 'W11/10k',
    what: 'devices: openb eight times over, stranding-aware',
    goal: 80_000,
    placedShare,
    scene: () => deviceScene(8),
  }),
  throughput({
    id: 'W12',
    what: 'gangs of 8 to 512 within a zone',
    gate: 10_000,
    goal: 100_000,
    scene: () => gangScene(5_000, 50),
    violations: gangViolations,
  }),
  throughput({
    id: 'W12/10k',
    what: 'gangs of 8 to 512 within a zone, 10k nodes',
    goal: 80_000,
    scene: () => gangScene(10_000, 50),
    violations: gangViolations,
  }),
];
