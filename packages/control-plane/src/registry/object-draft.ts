import type { ObjectMeta } from '@berth/api';
import { type ApiObject, encodeObject, type Fault, invalid, type Kind } from '@berth/api';
import type { Companions, Decision } from './guarded-write.ts';

/** An object on its way into the store: decoded and ours to change. */
export interface ObjectDraft extends ApiObject {
  metadata: { -readonly [K in keyof ObjectMeta]: ObjectMeta[K] };
  [field: string]: unknown;
}

/** The decision to store a draft. */
export function storing(kind: Kind, draft: ApiObject, companions: Companions): Decision {
  return { kind: 'put', value: encodeObject(kind, draft), companions };
}

/** Refuses an object that breaks rules, naming all of them. */
export function refuse(kind: Kind, draft: ApiObject, faults: readonly Fault[]): void {
  if (faults.length > 0) throw invalid(kind, draft.metadata.name ?? '', faults);
}
