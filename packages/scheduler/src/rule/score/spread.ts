import type { UsageScore } from '../rule.ts';
import { shareInUse } from './share-in-use.ts';

/** Prefers the emptiest nodes: 100 (empty) to 0 (full). */
export const spread: UsageScore = {
  name: 'Spread',
  scope: 'usage',
  key: ({ spec }) => `${spec.requests.weighedCpu} ${spec.requests.weighedMemory}`,
  prepare: ({ cluster, subject }) => {
    const { nodes } = cluster;
    const { weighedCpu, weighedMemory } = subject.spec.requests;
    return { score: (slot) => 100 - Math.floor(100 * shareInUse(nodes, slot, weighedCpu, weighedMemory)) };
  },
};
