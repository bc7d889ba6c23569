import type { ObjectMeta } from '../meta/v1/object-meta.ts';
import { applyDefaults } from '../schema/defaulting.ts';
import type { Draft } from '../schema/message.ts';
import type { ApiObject } from './api-object.ts';
import type { Kind } from './kind.ts';

/** Fills in place what absent fields are given: by the schema, then by the kind. */
export function applyObjectDefaults<T extends ApiObject>(kind: Kind<T>, object: Draft<T>): void {
  applyDefaults(kind.message, object as T);
  kind.fill?.(object);
}

/**
 * Makes a defaulted object ready to be stored for the first time: takes away what only the server may say. The caller has set the
 * name, and sets uid and creationTimestamp.
 */
export function prepareForCreate<T extends ApiObject>(kind: Kind<T>, object: Draft<T>): void {
  const metadata = metadataOf(object);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.selfLink;
  delete metadata.generation;
  if (kind.specChanged !== undefined) metadata.generation = 1;
  kind.prepareForCreate?.(object);
}

/** Makes a defaulted object ready to replace `old`: takes over what the server says, leaves the status as it is, moves the generation. */
export function prepareForUpdate<T extends ApiObject>(kind: Kind<T>, object: Draft<T>, old: T): void {
  const metadata = metadataOf(object);
  const before = old.metadata;
  metadata.uid ??= before.uid;
  metadata.creationTimestamp ??= before.creationTimestamp;
  metadata.deletionTimestamp ??= before.deletionTimestamp;
  metadata.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds;
  metadata.generation = before.generation;
  dropUndefined(metadata);
  if (kind.hasStatus) takeStatus(object, old);
  kind.prepareForUpdate?.(object, old);
  if (kind.specChanged?.(object as T, old) === true) metadata.generation = (before.generation ?? 0) + 1;
}

/**
 * What a write to `/status` stores: `old` with the status of `next`. `labelsAndAnnotations: 'taken'` is how Kubernetes' HTTP API does it;
 * 'kept' ignores them like all else.
 */
export function withStatus<T extends ApiObject>(
  old: T,
  next: T,
  { labelsAndAnnotations }: { readonly labelsAndAnnotations: 'taken' | 'kept' },
): Draft<T> {
  const object = { ...old, metadata: { ...old.metadata } } as Draft<T>;
  if (labelsAndAnnotations === 'taken') {
    const metadata = metadataOf(object);
    metadata.labels = next.metadata.labels;
    metadata.annotations = next.metadata.annotations;
    dropUndefined(metadata);
  }
  takeStatus(object, next);
  return object;
}

type LooseMeta = { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] | undefined };

function metadataOf(object: object): LooseMeta {
  return (object as { metadata: LooseMeta }).metadata;
}

function takeStatus(object: object, source: object): void {
  const target = object as { status?: unknown };
  const status = (source as { readonly status?: unknown }).status;
  if (status === undefined) delete target.status;
  else target.status = status;
}

function dropUndefined(fields: object): void {
  const record = fields as Record<string, unknown>;
  for (const name of Object.keys(record)) if (record[name] === undefined) delete record[name];
}
