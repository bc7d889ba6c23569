import type { AnyObject, Controller, Dependent, Plan, ReconcileKey, View, Write } from '../controller.ts';
import { objectKey } from '../object-key.ts';
import { isDeleting, withFinalizers, withOwners, withoutOwners } from '../ownership.ts';
import type { ControllerSettings } from '../settings.ts';
import {
  foregroundFinalizer,
  type OwnerClasses,
  type OwnerDirectory,
  orphanFinalizer,
  ownerDirectory,
  waitsForDependents,
  waitsForOrphaning,
} from './owner-directory.ts';

/** Dependents changed in one plan. */
const batch = 500;

/** Deletes what no owner keeps alive any more: in the background, in the foreground, or not at all (`Orphan`). */
export function garbageCollector(settings: Pick<ControllerSettings, 'kinds'>): Controller {
  const owners = ownerDirectory(settings.kinds);
  return {
    name: 'garbage-collector',
    watches: settings.kinds.map(({ resource }) => ({
      resource,
      keys: (object: AnyObject, view: View) => concerned({ resource, object }, view, owners),
    })),
    reconcile(view, key): Plan {
      const item = itemOf(key, view);
      return { writes: item === undefined ? [] : collect(item, view, owners) };
    },
  };
}

/** Keys of this loop name the kind too. */
function keyOfItem({ resource, object }: Dependent): ReconcileKey {
  return `${resource} ${objectKey(object)}`;
}

function itemOf(key: ReconcileKey, view: View): Dependent | undefined {
  const space = key.indexOf(' ');
  const resource = key.slice(0, space);
  const object = view.get(resource, key.slice(space + 1));
  return object === undefined ? undefined : { resource, object };
}

/** Most changes concern nobody: an object whose owners all live and that is not being deleted has no keys. */
function concerned(item: Dependent, view: View, owners: OwnerDirectory): readonly ReconcileKey[] {
  const { resource, object } = item;
  const isPresent = view.get(resource, objectKey(object))?.metadata.uid === object.metadata.uid;
  const { absent, waiting } = owners.classify(object, view);
  const self = isPresent && (absent.length > 0 || waiting.length > 0 || isHeld(object)) ? [keyOfItem(item)] : [];
  const below = !isPresent || isHeld(object) ? view.dependents(object.metadata.uid).map(keyOfItem) : [];
  const above = (object.metadata.ownerReferences ?? [])
    .map((owner) => owners.find(owner, object, view))
    .filter((owner) => owner !== undefined && isHeld(owner.object))
    .map((owner) => keyOfItem(owner as Dependent));
  return [...self, ...below, ...above];
}

/** Being deleted, and waiting for this loop. */
function isHeld(object: AnyObject): boolean {
  return waitsForDependents(object) || waitsForOrphaning(object);
}

function collect(item: Dependent, view: View, owners: OwnerDirectory): readonly Write[] {
  if (waitsForOrphaning(item.object)) return orphan(item, view);
  if (waitsForDependents(item.object)) return awaitDependents(item, view);
  if (isDeleting(item.object)) return [];
  return judge(item, view, owners.classify(item.object, view));
}

/** One living owner is enough to stay; the references to all others are struck out. */
function judge(item: Dependent, view: View, { solid, absent, waiting }: OwnerClasses): readonly Write[] {
  if (absent.length === 0 && waiting.length === 0) return [];
  if (solid.length > 0) {
    const over = new Set([...absent, ...waiting].map(({ uid }) => uid));
    return [update(item, withoutOwners(item.object, over))];
  }
  const below = view.dependents(item.object.metadata.uid);
  if (waiting.length === 0 || below.length === 0) return [deletion(item, policyOf(item.object))];
  // A circle: what waits for us is what we wait for. Whoever comes first stops blocking the other.
  const isCircle = below.some(({ object }) => waitsForDependents(object));
  return [
    ...(isCircle && blocks(item.object) ? [update(item, unblocking(item.object))] : []),
    deletion(item, 'Foreground'),
  ];
}

/** Its dependents are deleted by their own keys; when the last that blocks it is gone, it may go. */
function awaitDependents(item: Dependent, view: View): readonly Write[] {
  const { uid } = item.object.metadata;
  const isBlocked = view
    .dependents(uid)
    .some(({ object }) =>
      object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true),
    );
  return isBlocked ? [] : [update(item, withoutFinalizer(item.object, foregroundFinalizer))];
}

function orphan(item: Dependent, view: View): readonly Write[] {
  const { uid } = item.object.metadata;
  const below = view.dependents(uid);
  const freed = below
    .slice(0, batch)
    .map((dependent) => update(dependent, withoutOwners(dependent.object, new Set([uid]))));
  return below.length > batch ? freed : [...freed, update(item, withoutFinalizer(item.object, orphanFinalizer))];
}

/** A deletion that somebody began with a finalizer goes on as he wanted. */
function policyOf({ metadata }: AnyObject): 'Orphan' | 'Foreground' | 'Background' {
  if (metadata.finalizers?.includes(orphanFinalizer)) return 'Orphan';
  return metadata.finalizers?.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}

function blocks({ metadata }: AnyObject): boolean {
  return metadata.ownerReferences?.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true) === true;
}

function unblocking(object: AnyObject): AnyObject {
  const owners = object.metadata.ownerReferences ?? [];
  return withOwners(
    object,
    owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
  );
}

function withoutFinalizer(object: AnyObject, finalizer: string): AnyObject {
  return withFinalizers(
    object,
    (object.metadata.finalizers ?? []).filter((other) => other !== finalizer),
  );
}

function update({ resource }: Dependent, object: AnyObject): Write {
  return { kind: 'update', resource, object };
}

function deletion({ resource, object }: Dependent, propagation: 'Orphan' | 'Foreground' | 'Background'): Write {
  const { uid, resourceVersion } = object.metadata;
  return { kind: 'delete', resource, key: objectKey(object), uid, resourceVersion, propagation };
}
