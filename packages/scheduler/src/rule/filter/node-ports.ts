import type { UsageFilter } from '../rule.ts';

/** A port of the node itself can be used once; `0.0.0.0` conflicts with every address. */
export const nodePorts: UsageFilter = {
  name: 'NodePorts',
  scope: 'usage',
  key: ({ spec }) => (spec.hostPorts.length === 0 ? '' : JSON.stringify(spec.hostPorts)),
  prepare: ({ cluster, subject }) => {
    const wanted = subject.spec.hostPorts;
    if (wanted.length === 0) return undefined;
    return {
      admits: (slot) => !cluster.ports.conflicts(slot, wanted),
      explain: (_slot, sink) => sink.add("node(s) didn't have free ports for the requested pod ports", 'pods'),
    };
  },
};
