import { formatTime, type NamespaceCondition } from '@berth/api';
import { withCondition } from '../conditions.ts';
import type { Now } from '../controller.ts';
import { compareText } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import type { Remainder } from './namespace-content.ts';

/** What a namespace that is being deleted still waits for, in Kubernetes' words. */
export function deletionConditions(
  before: readonly NamespaceCondition[] | undefined,
  content: readonly Remainder[],
  now: Now,
): readonly NamespaceCondition[] {
  return [remainingContent(content), remainingFinalizers(content)].reduce<readonly NamespaceCondition[]>(
    (conditions, next) => {
      const known = conditions.find(({ type }) => type === next.type);
      if (known?.status === next.status && known.reason === next.reason && known.message === next.message) {
        return conditions;
      }
      return withCondition(conditions, { ...next, lastTransitionTime: formatTime(now.wallMs) });
    },
    before ?? [],
  );
}

function remainingContent(content: readonly Remainder[]): NamespaceCondition {
  const type = 'NamespaceContentRemaining';
  if (content.length === 0) {
    return { type, status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  }
  const counts = content.map(({ kind, objects }) => `${kind.resource} has ${objects.length} resource instances`);
  return {
    type,
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: `Some resources are remaining: ${counts.join(', ')}`,
  };
}

function remainingFinalizers(content: readonly Remainder[]): NamespaceCondition {
  const type = 'NamespaceFinalizersRemaining';
  const counts = countFinalizers(content);
  if (counts.size === 0) {
    return {
      type,
      status: 'False',
      reason: 'ContentHasNoFinalizers',
      message: 'All content-preserving finalizers finished',
    };
  }
  const parts = [...counts]
    .sort(([left], [right]) => compareText(left, right))
    .map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return {
    type,
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${parts.join(', ')}`,
  };
}

function countFinalizers(content: readonly Remainder[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { objects } of content)
    for (const object of objects)
      if (isDeleting(object))
        for (const finalizer of object.metadata.finalizers ?? [])
          counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  return counts;
}
