import type { Revision, StoreEvent } from '@berth/store';
import type { StoredObject } from './registry.ts';
import type { StoredBytes } from './stored-bytes.ts';
import { atRevision, decodeStored } from './stored-object.ts';

type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What one change of the store means to a watcher with a selector. */
export interface Transition {
  readonly type: ChangeType;
  /** The object to show; of one that went or no longer matches its last state, at the revision of the change. */
  readonly bytes: StoredBytes;
  object(): StoredObject;
}

export type Selects = (object: StoredObject) => boolean;

/** The watcher must list again: what it should be told can no longer be told. */
export class HistoryGoneError extends Error {
  constructor(key: string) {
    super(`the state of ${key} before its change is no longer kept`);
    this.name = 'HistoryGoneError';
  }
}

/**
 * An object that starts to match is ADDED, one that stops matching is DELETED, whatever was done to it. Undefined when the
 * watcher need not know. Throws a `HistoryGoneError` when the state before would have to be known and is not kept.
 */
export function transitionOf(event: StoreEvent, selects: Selects | undefined): Transition | undefined {
  const before = event.previous;
  if (event.kind === 'delete') {
    if (before === undefined) throw new HistoryGoneError(event.key);
    return selects === undefined || selects(decodeStored(before))
      ? departed(before.value, before.modRevision, event.modRevision)
      : undefined;
  }
  const { kv } = event;
  if (selects === undefined) return shown(kv.version === 1 ? 'ADDED' : 'MODIFIED', kv);
  const matches = selects(decodeStored(kv));
  if (kv.version === 1) return matches ? shown('ADDED', kv) : undefined;
  if (before === undefined) throw new HistoryGoneError(kv.key);
  const matched = selects(decodeStored(before));
  if (matches) return shown(matched ? 'MODIFIED' : 'ADDED', kv);
  return matched ? departed(before.value, before.modRevision, kv.modRevision) : undefined;
}

function shown(type: ChangeType, bytes: StoredBytes): Transition {
  return { type, bytes, object: () => decodeStored(bytes) };
}

function departed(value: Uint8Array, last: Revision, at: Revision): Transition {
  return {
    type: 'DELETED',
    bytes: { value, modRevision: at },
    object: () => atRevision(decodeStored({ value, modRevision: last }), String(at)),
  };
}
