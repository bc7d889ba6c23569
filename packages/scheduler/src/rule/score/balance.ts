import type { UsageScore } from '../rule.ts';
import { cpuShareInUse, memoryShareInUse } from './share-in-use.ts';

/** Prefers nodes where CPU and memory are used up evenly: 100 when their shares are equal, 0 when one is full and the other empty. */
export const balance: UsageScore = {
  name: 'Balance',
  scope: 'usage',
  key: ({ spec }) => `${spec.requests.weighedCpu} ${spec.requests.weighedMemory}`,
  prepare: ({ cluster, subject }) => {
    const { nodes } = cluster;
    const { weighedCpu, weighedMemory } = subject.spec.requests;
    return {
      score: (slot) => {
        const gap = cpuShareInUse(nodes, slot, weighedCpu) - memoryShareInUse(nodes, slot, weighedMemory);
        return Math.floor(100 * (1 - Math.abs(gap)));
      },
    };
  },
};
