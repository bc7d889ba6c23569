import { untolerated } from '../../pod/toleration.ts';
import type { FactsFilter } from '../rule.ts';

const effects = ['NoSchedule', 'NoExecute'];

/** Taints that forbid scheduling must be tolerated. */
export const taintToleration: FactsFilter = {
  name: 'TaintToleration',
  scope: 'facts',
  key: ({ spec }) => (spec.tolerations.length === 0 ? '' : JSON.stringify(spec.tolerations)),
  prepare: ({ subject }) => ({
    admits: (node) =>
      node.taints.length === 0 || untolerated(node.taints, subject.spec.tolerations, effects) === undefined,
    reason: (node) => {
      const taint = untolerated(node.taints, subject.spec.tolerations, effects);
      return `node(s) had untolerated taint {${taint?.key ?? ''}: ${taint?.value ?? ''}}`;
    },
  }),
};
