import { podsColumn } from '../../node/resource-table.ts';
import type { UsageFilter } from '../rule.ts';

/** All that the pod asks for must be left on the node: CPU, memory, pod slots, storage, extended resources. */
export const nodeResourcesFit: UsageFilter = {
  name: 'NodeResourcesFit',
  scope: 'usage',
  key: ({ spec }) => `${spec.requests.columns.join()} ${spec.requests.amounts.join()}`,
  prepare: ({ cluster, subject }) => {
    const { nodes, resources } = cluster;
    const { columns, amounts } = subject.spec.requests;
    const count = columns.length;
    // Made once: they are counted node by node.
    const texts = columns.map((column) =>
      column === podsColumn ? 'Too many pods' : `Insufficient ${resources.nameOf(column)}`,
    );
    return {
      admits: (slot) => {
        const { free } = nodes;
        const base = slot * nodes.stride;
        for (let at = 0; at < count; at += 1)
          if ((free[base + (columns[at] as number)] as number) < (amounts[at] as number)) return false;
        return true;
      },
      explain: (slot, sink) => {
        const base = slot * nodes.stride;
        for (let at = 0; at < count; at += 1) {
          const place = base + (columns[at] as number);
          const wanted = amounts[at] as number;
          if ((nodes.free[place] as number) >= wanted) continue;
          sink.add(texts[at] as string, (nodes.allocatable[place] as number) >= wanted ? 'pods' : 'nothing');
        }
      },
    };
  },
};
