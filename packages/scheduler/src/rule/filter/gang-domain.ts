import type { TopologyFilter } from '../rule.ts';

/** While a gang that wants one domain is placed, its pods are confined to the domain that is being tried. */
export const gangDomain: TopologyFilter = {
  name: 'GangDomain',
  scope: 'topology',
  key: ({ spec }) => spec.gangTopology ?? '',
  prepare: ({ cluster, subject }) => {
    if (subject.spec.gangTopology === undefined) return [];
    const topologyKey = cluster.topology.key(subject.spec.gangTopology);
    const { gangFocus } = cluster;
    return [
      {
        topologyKey,
        changesByDecision: true,
        epoch: () => 0,
        admits: (slot) => {
          const domain = topologyKey.domainOf[slot] as number;
          return domain >= 0 && (gangFocus.domain < 0 || domain === gangFocus.domain);
        },
        explain: (_slot, sink) => sink.add(`node(s) didn't have the label ${topologyKey.name} of the gang`, 'nothing'),
      },
    ];
  },
};
