import { resourceVersionTooLarge, resourceVersionTooOld } from '@berth/api';
import { type Consistency, type KeyValue, type Revision, type Store, StoreError } from '@berth/store';
import { listObjects } from '../registry/list-objects.ts';
import type { WatchOptions } from '../registry/list-options.ts';
import type { Selection } from '../registry/object-selection.ts';

/** Where a watch begins. */
export interface WatchStart {
  /** Sent as ADDED before anything else. */
  readonly initial: readonly KeyValue[];
  /** The state the client has once it got `initial`; changes follow from the next revision on. */
  readonly revision: Revision;
  /** The client waits for a bookmark that says that the initial state is complete. */
  readonly announceEnd: boolean;
}

/**
 * Without a version a watch begins with the present state, with 0 with any state, with a version with what came after it.
 * `sendInitialEvents` asks for the state explicitly. Rejects before anything was sent: 410 when the history is gone, 504 when the
 * version does not exist yet.
 */
export async function startWatch(
  store: Store,
  selection: Selection,
  options: WatchOptions,
  fresh: Consistency,
): Promise<WatchStart> {
  const { sendInitialEvents, resourceVersion } = options;
  const wantsState = sendInitialEvents ?? (resourceVersion === undefined || resourceVersion === 0);
  if (wantsState) {
    const version = resourceVersion === undefined ? {} : { resourceVersion };
    const { items, revision } = await listObjects(store, selection, version, fresh);
    return { initial: items, revision, announceEnd: sendInitialEvents === true };
  }
  const revision = await startRevision(store, selection, resourceVersion, fresh);
  const { compactRevision } = store.status();
  if (revision < compactRevision) throw resourceVersionTooOld(String(revision), String(compactRevision));
  return { initial: [], revision, announceEnd: false };
}

async function startRevision(
  store: Store,
  selection: Selection,
  asked: Revision | undefined,
  fresh: Consistency,
): Promise<Revision> {
  const known = asked !== undefined && asked !== 0;
  if (known && asked <= store.status().revision) return asked;
  const consistency: Consistency = known ? { kind: 'atLeast', revision: asked } : fresh;
  try {
    const { revision } = await store.range({ ...selection.range, countOnly: true, consistency });
    return known ? asked : revision;
  } catch (error) {
    if (known && error instanceof StoreError && (error.code === 'not-yet' || error.code === 'future-revision'))
      throw resourceVersionTooLarge(String(asked), String(store.status().revision));
    throw error;
  }
}
