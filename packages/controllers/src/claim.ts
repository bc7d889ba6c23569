import { type LabelSelector, labelSelectorTerms, matchesLabels } from '@berth/api';
import type { AnyObject, Resource, View, Write } from './controller.ts';
import { controllerOf, controllerReference, isDeleting, withOwner, withoutOwners } from './ownership.ts';

export interface Claims<T> {
  /** Controlled by the owner once the writes are done, in the order of their keys. */
  readonly owned: readonly T[];
  /** Adoptions and releases. */
  readonly writes: readonly Write[];
}

/**
 * Makes ownership follow the selector: objects that match and have no controller are adopted, owned ones that no longer
 * match are released. An owner that is being deleted does neither.
 */
export function claimDependents<T extends AnyObject>(
  view: View,
  owner: AnyObject,
  resource: Resource,
  selector: LabelSelector,
): Claims<T> {
  const terms = labelSelectorTerms(selector);
  const held = view.ownedBy<T>(resource, owner.metadata.uid);
  if (isDeleting(owner)) return { owned: held, writes: [] };

  const kept = held.filter((object) => isDeleting(object) || matchesLabels(terms, object.metadata.labels));
  const strays = held.filter((object) => !kept.includes(object));
  const orphans = view
    .labelled<T>(resource, owner.metadata.namespace ?? '', selector.matchLabels ?? {})
    .filter((object) => controllerOf(object) === undefined && !isDeleting(object))
    .filter((object) => matchesLabels(terms, object.metadata.labels));
  return {
    owned: [...kept, ...orphans].sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1)),
    writes: [
      ...orphans.map((object): Write => {
        return { kind: 'update', resource, object: withOwner(object, controllerReference(owner)) };
      }),
      ...strays.map((object): Write => {
        return { kind: 'update', resource, object: withoutOwners(object, new Set([owner.metadata.uid])) };
      }),
    ],
  };
}
