import type { DisruptionBudget } from '@berth/scheduler';
import type { ClusterChange } from './placement-engine.ts';

export const budgetResource = 'poddisruptionbudgets.policy';

/** A budget as news for the scheduler, without what it does not read. */
export function budgetChange({ metadata, spec, status }: DisruptionBudget): ClusterChange {
  const budget: DisruptionBudget = {
    metadata: { namespace: metadata.namespace ?? '', name: metadata.name ?? '' },
    spec: spec.selector === undefined ? {} : { selector: spec.selector },
    ...(status === undefined ? {} : { status }),
  };
  return { kind: 'budget', budget };
}
