import type { FaultList } from '@berth/api';
import type { Claims } from './allocation/claims.ts';
import type { ObjectDraft } from './object-draft.ts';
import type { StoredObject } from './registry.ts';
import type { StateReader } from './state-reader.ts';

/**
 * What a kind needs of the server beyond its own rules: other objects, allocations, its own way to die. All optional. Drafts are
 * changed by replacing their top-level fields: what lies below may be shared with an earlier attempt.
 */
export interface KindStrategy {
  /** Completes or refuses a new object by what else the cluster holds, before it is validated. */
  admit?(draft: ObjectDraft, reader: StateReader): Promise<void>;
  /** Allocates and frees for a new or changed object, filling in what it got; the claims join its transaction. */
  allocate?(before: StoredObject | undefined, draft: ObjectDraft, claims: Claims, faults: FaultList): Promise<void>;
  /** Gives back everything when the object goes. */
  free?(object: StoredObject, claims: Claims): void;
  /**
   * Seconds from the request to the deadline of an orderly end; 0 when it may go at once. Absent: the kind knows no grace.
   */
  gracePeriodSeconds?(object: StoredObject, asked: number | undefined): number;
  /** Refuses clients the deletion of objects that must stay. */
  admitDelete?(name: string): void;
  /** Changes the marked object, e.g. its phase. */
  markDeleted?(draft: ObjectDraft): void;
  /** Whether something besides finalizers in the metadata keeps a marked object. */
  isHeld?(object: ObjectDraft): boolean;
}

export type Strategies = Readonly<Record<string, KindStrategy>>;
