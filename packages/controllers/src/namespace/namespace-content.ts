import type { AnyObject, View } from '../controller.ts';
import { isDeleting } from '../ownership.ts';
import type { ServedKind } from '../settings.ts';

/** What is left of one kind in a namespace. */
export interface Remainder {
  readonly kind: ServedKind;
  readonly objects: readonly AnyObject[];
}

/** Kinds with objects left, sorted by resource. */
export function contentOf(namespace: string, view: View, kinds: readonly ServedKind[]): readonly Remainder[] {
  return kinds
    .filter(({ namespaced }) => namespaced)
    .toSorted((left, right) => (left.resource < right.resource ? -1 : 1))
    .map((kind) => ({ kind, objects: view.list(kind.resource, namespace) }))
    .filter(({ objects }) => objects.length > 0);
}

/** Pods go before everything else, so that what runs never outlives its configuration, secrets and policies. */
export function deletable(content: readonly Remainder[]): readonly Remainder[] {
  const pods = content.filter(({ kind }) => kind.resource === 'pods');
  return (pods.length > 0 ? pods : content)
    .map(({ kind, objects }) => ({ kind, objects: objects.filter((object) => !isDeleting(object)) }))
    .filter(({ objects }) => objects.length > 0);
}
