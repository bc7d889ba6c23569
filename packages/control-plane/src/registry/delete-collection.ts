import { ApiError, type Kind } from '@berth/api';
import { deleteObject } from './delete-object.ts';
import type { EngineParts } from './engine-parts.ts';
import { type ListPage, listObjects } from './list-objects.ts';
import type { ListOptions } from './list-options.ts';
import type { Selection } from './object-selection.ts';
import type { DeleteRequest, ObjectRef, WriteContext } from './registry.ts';
import { parseStorageKey } from './resource-key.ts';

/** Deletions under way at once. */
const concurrency = 16;

/**
 * Deletes what is selected at one moment, each object by itself; what is gone meanwhile is no failure. Answers what was selected,
 * as it was.
 */
export async function deleteCollection(
  parts: EngineParts,
  kind: Kind,
  selection: Selection,
  options: ListOptions,
  request: DeleteRequest,
  context: WriteContext,
): Promise<ListPage> {
  const page = await listObjects(parts.store, selection, options, { kind: 'linearizable' });
  const waiting = page.items.values();
  const work = async (): Promise<void> => {
    for (const { key } of waiting) {
      const ref = parseStorageKey(key);
      if (ref !== undefined) await deletePresent(parts, kind, ref, request, context);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return page;
}

async function deletePresent(
  parts: EngineParts,
  kind: Kind,
  ref: ObjectRef,
  request: DeleteRequest,
  context: WriteContext,
): Promise<void> {
  try {
    await deleteObject(parts, kind, ref, request, context);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
  }
}
