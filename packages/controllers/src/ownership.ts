import type { ObjectMeta, OwnerReference } from '@berth/api';
import type { AnyObject } from './controller.ts';

/** The one reference that says who manages the object. */
export function controllerOf({ metadata }: { readonly metadata: ObjectMeta }): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** What a dependent that `owner` manages carries. */
export function controllerReference(owner: AnyObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function withOwner<T extends AnyObject>(object: T, owner: OwnerReference): T {
  return withOwners(object, [...(object.metadata.ownerReferences ?? []), owner]);
}

export function withoutOwners<T extends AnyObject>(object: T, uids: ReadonlySet<string>): T {
  const owners = object.metadata.ownerReferences ?? [];
  return withOwners(
    object,
    owners.filter(({ uid }) => !uids.has(uid)),
  );
}

export function withOwners<T extends AnyObject>(object: T, ownerReferences: readonly OwnerReference[]): T {
  const { ownerReferences: _before, ...metadata } = object.metadata;
  return { ...object, metadata: ownerReferences.length === 0 ? metadata : { ...metadata, ownerReferences } };
}

export function withFinalizers<T extends AnyObject>(object: T, finalizers: readonly string[]): T {
  const { finalizers: _before, ...metadata } = object.metadata;
  return { ...object, metadata: finalizers.length === 0 ? metadata : { ...metadata, finalizers } };
}

export function isDeleting({ metadata }: { readonly metadata: ObjectMeta }): boolean {
  return metadata.deletionTimestamp !== undefined;
}
