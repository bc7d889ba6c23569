import type { FactsScore } from '../rule.ts';

/** The share of the weight of the pod's node preferences that a node meets, 0 to 100. */
export const preferredNodeAffinity: FactsScore = {
  name: 'PreferredNodeAffinity',
  scope: 'facts',
  key: ({ spec }) => JSON.stringify(spec.preferences.map(({ key, weight }) => [weight, key])),
  prepare: ({ subject }) => {
    const { preferences } = subject.spec;
    const total = preferences.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) return undefined;
    return (node) => {
      let met = 0;
      for (const preference of preferences) if (preference.matches(node)) met += preference.weight;
      return Math.floor((100 * met) / total);
    };
  },
};
