import type { OwnerReference } from '@berth/api';
import type { AnyObject, Dependent, View } from '../controller.ts';
import { keyOf } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import type { ServedKind } from '../settings.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** The owners of an object, by what they mean for its life. */
export interface OwnerClasses {
  /** Keep it alive. */
  readonly solid: readonly OwnerReference[];
  /** Are gone. */
  readonly absent: readonly OwnerReference[];
  /** Are being deleted and wait until their dependents are gone. */
  readonly waiting: readonly OwnerReference[];
}

/** Finds owners by their coordinates: the kind, the name, the dependent's own namespace; the uid must be the one named. */
export interface OwnerDirectory {
  find(owner: OwnerReference, dependent: AnyObject, view: View): Dependent | undefined;
  classify(dependent: AnyObject, view: View): OwnerClasses;
}

export function ownerDirectory(kinds: readonly ServedKind[]): OwnerDirectory {
  const byKind = new Map(kinds.map((kind) => [kindId(kind), kind]));
  /** Nothing is deleted on ignorance: kinds not served here, and owners that a cluster-scoped object cannot have. */
  const resolvable = (owner: OwnerReference, dependent: AnyObject): ServedKind | undefined => {
    const kind = byKind.get(kindId(owner));
    return kind?.namespaced === true && dependent.metadata.namespace === undefined ? undefined : kind;
  };
  const find: OwnerDirectory['find'] = (owner, dependent, view) => {
    const kind = resolvable(owner, dependent);
    if (kind === undefined) return undefined;
    const namespace = kind.namespaced ? dependent.metadata.namespace : undefined;
    const object = view.get(kind.resource, keyOf(namespace, owner.name));
    return object?.metadata.uid === owner.uid ? { resource: kind.resource, object } : undefined;
  };
  const classOf = (owner: OwnerReference, dependent: AnyObject, view: View): keyof OwnerClasses => {
    const found = find(owner, dependent, view);
    if (found === undefined) return resolvable(owner, dependent) === undefined ? 'solid' : 'absent';
    return waitsForDependents(found.object) ? 'waiting' : 'solid';
  };
  return {
    find,
    classify(dependent, view) {
      const classes: Record<keyof OwnerClasses, OwnerReference[]> = { solid: [], absent: [], waiting: [] };
      for (const owner of dependent.metadata.ownerReferences ?? [])
        classes[classOf(owner, dependent, view)].push(owner);
      return classes;
    },
  };
}

/** Deleted in the foreground: it goes when the dependents that block it are gone. */
export function waitsForDependents(object: AnyObject): boolean {
  return isDeleting(object) && object.metadata.finalizers?.includes(foregroundFinalizer) === true;
}

/** Deleted with propagation `Orphan`: it goes when its dependents no longer name it. */
export function waitsForOrphaning(object: AnyObject): boolean {
  return isDeleting(object) && object.metadata.finalizers?.includes(orphanFinalizer) === true;
}

/** Versions of one kind are one kind. */
function kindId({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string {
  const slash = apiVersion.indexOf('/');
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`;
}
