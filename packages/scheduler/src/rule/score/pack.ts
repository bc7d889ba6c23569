import type { UsageScore } from '../rule.ts';
import { shareInUse } from './share-in-use.ts';

/** Prefers the nodes that are fullest already, so that whole nodes stay free for large pods: 0 (empty) to 100 (full). */
export const pack: UsageScore = {
  name: 'Pack',
  scope: 'usage',
  key: ({ spec }) => `${spec.requests.weighedCpu} ${spec.requests.weighedMemory}`,
  prepare: ({ cluster, subject }) => {
    const { nodes } = cluster;
    const { weighedCpu, weighedMemory } = subject.spec.requests;
    return { score: (slot) => Math.floor(100 * shareInUse(nodes, slot, weighedCpu, weighedMemory)) };
  },
};
