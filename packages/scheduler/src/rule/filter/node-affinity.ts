import type { FactsFilter } from '../rule.ts';

/** `nodeSelector` and required node affinity. */
export const nodeAffinity: FactsFilter = {
  name: 'NodeAffinity',
  scope: 'facts',
  key: ({ spec }) => spec.selection?.key ?? '',
  prepare: ({ subject: { spec } }) => {
    const { selection } = spec;
    return selection === undefined
      ? undefined
      : {
          admits: (node) => selection.matches(node),
          reason: () => "node(s) didn't match Pod's node affinity/selector",
        };
  },
};
