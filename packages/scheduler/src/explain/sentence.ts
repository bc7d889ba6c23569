import type { Diagnosis } from './diagnosis.ts';

/** The sentence of Kubernetes' FailedScheduling event: how many nodes were refused for which reason. */
export function sentence({ nodes, reasons }: Diagnosis): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  return `0/${nodes} nodes are available: ${listed(reasons)}.`;
}

/** The part about preemption. */
export function preemptionSentence(nodes: number, reasons: ReadonlyMap<string, number>): string {
  return `preemption: 0/${nodes} nodes are available: ${listed(reasons)}.`;
}

function listed(reasons: ReadonlyMap<string, number>): string {
  return [...reasons]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
