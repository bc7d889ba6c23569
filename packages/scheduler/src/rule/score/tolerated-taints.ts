import { tolerates } from '../../pod/toleration.ts';
import type { FactsScore } from '../rule.ts';

const effect = 'PreferNoSchedule';

/** Every taint that says `PreferNoSchedule` and is not tolerated costs 100. */
export const toleratedTaints: FactsScore = {
  name: 'ToleratedTaints',
  scope: 'facts',
  key: ({ spec }) => (spec.tolerations.length === 0 ? '' : JSON.stringify(spec.tolerations)),
  prepare: ({ subject }) => {
    const { tolerations } = subject.spec;
    return (node) => {
      let cost = 0;
      for (const taint of node.taints)
        if (taint.effect === effect && !tolerations.some((toleration) => tolerates(toleration, taint))) cost += 100;
      return cost === 0 ? 0 : -cost;
    };
  },
};
