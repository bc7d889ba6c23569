import type { Node, Pod } from '@berth/api';
import type { Benchmark } from '../benchmark.ts';
import { type BenchPod, benchNodes, benchPod, benchPods, zoneKey } from './objects.ts';
import { throughput } from './throughput-row.ts';

const large = { cpu: '32', memory: '256Gi' };
const tainted = { key: 'pool', value: 'special', effect: 'NoSchedule' };

/** Every fifth node belongs to a tainted pool. */
function mixedNodes(count: number): readonly Node[] {
  return benchNodes(count).map((node, at) => (at % 5 === 4 ? { ...node, spec: { taints: [tainted] } } : node));
}

/** 200 classes: 20 sizes in 10 kinds of selectors, tolerations and priorities, in no order. */
function mixedPod(at: number): BenchPod {
  const kind = (at * 7919) % 200;
  const size = kind % 20;
  const rule = Math.floor(kind / 20);
  const tolerations = rule >= 8 ? [{ key: 'pool', operator: 'Exists' }] : [];
  const nodeSelector = rule < 4 ? { pool: `pool-${rule}` } : undefined;
  return {
    requests: { cpu: `${50 + 5 * size}m`, memory: `${200 + 20 * size}Mi` },
    spec: { priority: (rule % 3) * 10, tolerations, ...(nodeSelector === undefined ? {} : { nodeSelector }) },
  };
}

function pinnedPods(nodes: readonly Node[], perNode: number): readonly Pod[] {
  return Array.from({ length: nodes.length * perNode }, (_, at) => {
    const values = [nodes[at % nodes.length]?.metadata.name ?? ''];
    const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values }] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
    return benchPod(`pinned-${at}`, { owner: `daemons-${Math.floor(at / nodes.length)}`, spec: { affinity } });
  });
}

function zoned(): BenchPod {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: zoneKey, operator: 'In', values: ['zone-0', 'zone-1'] }] }];
  return {
    spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } },
  };
}

/** Every hundredth fits nowhere, each for another amount, so that each gets a reason of its own. */
function oftenTooLarge(at: number): BenchPod {
  return at % 100 === 99 ? { requests: { cpu: `${5_000 + at}m`, memory: '500Mi' } } : {};
}

export const plainWorkloads: readonly Benchmark[] = [
  throughput({
    id: 'W1/1k',
    what: 'plain, 1k large nodes',
    scene: () => ({ nodes: benchNodes(1_000, large), pending: benchPods(100_000, 'plain') }),
  }),
  throughput({
    id: 'W1',
    what: 'plain',
    gate: 50_000,
    goal: 250_000,
    scene: () => ({ nodes: benchNodes(5_000), pending: benchPods(100_000, 'plain') }),
  }),
  throughput({
    id: 'W1/10k',
    what: 'plain, 10k nodes',
    goal: 200_000,
    scene: () => ({ nodes: benchNodes(10_000), pending: benchPods(100_000, 'plain') }),
  }),
  ...[5_000, 10_000].map((nodes) =>
    throughput({
      id: nodes === 5_000 ? 'W2' : 'W2/10k',
      what: 'mixed: 200 classes, selectors, taints, 3 priorities',
      ...(nodes === 5_000 ? { gate: 25_000, goal: 150_000 } : { goal: 120_000 }),
      scene: () => ({ nodes: mixedNodes(nodes), pending: benchPods(100_000, 'mixed', mixedPod) }),
    }),
  ),
  throughput({
    id: 'W3',
    what: 'pinned by node affinity, 15k nodes',
    gate: 100_000,
    goal: 500_000,
    scene: () => {
      const nodes = benchNodes(15_000);
      return { nodes, pending: pinnedPods(nodes, 2) };
    },
  }),
  ...[5_000, 10_000].map((nodes) =>
    throughput({
      id: nodes === 5_000 ? 'W4' : 'W4/10k',
      what: 'node affinity to two of three zones',
      ...(nodes === 5_000 ? { gate: 50_000, goal: 250_000 } : { goal: 200_000 }),
      scene: () => ({ nodes: benchNodes(nodes), pending: benchPods(100_000, 'zoned', zoned) }),
    }),
  ),
  throughput({
    id: 'W9',
    what: 'saturation: 3 cores on 4, 20k nodes and pods',
    gate: 50_000,
    goal: 500_000,
    scene: () => ({
      nodes: benchNodes(20_000),
      pending: benchPods(20_000, 'wide', () => ({ requests: { cpu: '3', memory: '500Mi' } })),
    }),
  }),
  ...[5_000, 10_000].map((nodes) =>
    throughput({
      id: nodes === 5_000 ? 'W10' : 'W10/10k',
      what: '1 % fit nowhere, each with its own reasons',
      ...(nodes === 5_000 ? { gate: 20_000, goal: 100_000 } : { goal: 80_000 }),
      placedShare: 0.99,
      scene: () => ({ nodes: benchNodes(nodes), pending: benchPods(50_000, 'pod', oftenTooLarge) }),
    }),
  ),
];
