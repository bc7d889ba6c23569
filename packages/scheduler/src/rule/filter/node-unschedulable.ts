import type { Taint, Toleration } from '@berth/api';
import { tolerates } from '../../pod/toleration.ts';
import type { FactsFilter } from '../rule.ts';

const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Cordoned nodes take no pods but those that tolerate the taint that stands for it. */
export const nodeUnschedulable: FactsFilter = {
  name: 'NodeUnschedulable',
  scope: 'facts',
  key: ({ spec }) => (toleratesCordon(spec.tolerations) ? 'tolerates' : ''),
  prepare: ({ subject }) =>
    toleratesCordon(subject.spec.tolerations)
      ? undefined
      : { admits: (node) => !node.unschedulable, reason: () => 'node(s) were unschedulable' },
};

export function toleratesCordon(tolerations: readonly Toleration[]): boolean {
  return tolerations.some((toleration) => tolerates(toleration, cordon));
}
