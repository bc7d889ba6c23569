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
        columns.forEach((column, at) => {
          const wanted = amounts[at] as number;
          if ((nodes.free[base + column] as number) >= wanted) return;
          const text = column === podsColumn ? 'Too many pods' : `Insufficient ${resources.nameOf(column)}`;
          sink.add(text, (nodes.allocatable[base + column] as number) >= wanted ? 'pods' : 'nothing');
        });
      },
    };
  },
};
