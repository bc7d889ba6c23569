import { ageColumn, type Column, nameColumn, none, orNone, textColumn, wide } from '../../kind/table-column.ts';
import type { Pod } from './pod.ts';
import { podSummary, restartsText } from './pod-summary.ts';

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  textColumn('Ready', 'Containers that are ready, of all.', (pod) => {
    const { ready, total } = podSummary(pod);
    return `${ready}/${total}`;
  }),
  textColumn('Status', 'What the pod is doing, in a word.', (pod) => podSummary(pod).status),
  textColumn('Restarts', 'How often containers were restarted, and when last.', (pod, nowMs) =>
    restartsText(podSummary(pod), nowMs),
  ),
  ageColumn,
  wide(textColumn('IP', 'Address of the pod.', ({ status }) => orNone(status?.podIPs?.[0]?.ip))),
  wide(textColumn('Node', 'Node of the pod.', ({ spec }) => orNone(spec.nodeName))),
  wide(
    textColumn('Nominated Node', 'Node on which room is being made for the pod.', ({ status }) =>
      orNone(status?.nominatedNodeName),
    ),
  ),
  wide(textColumn('Readiness Gates', 'Further conditions that are true, of all.', gatesText)),
];

function gatesText({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return none;
  const good = gates.filter(({ conditionType }) =>
    status?.conditions?.some(({ type, status: value }) => type === conditionType && value === 'True'),
  );
  return `${good.length}/${gates.length}`;
}
