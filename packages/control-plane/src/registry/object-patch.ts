import {
  ApiError,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  type Kind,
  type Message,
  PatchError,
  type PatchFault,
} from '@berth/api';
import { type ChangedPart, changeObject } from './change-object.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Outcome } from './guarded-write.ts';
import type { ObjectRef, WriteContext } from './registry.ts';

/** The three ways to say a change: RFC 6902, RFC 7396, and Kubernetes' own that knows the lists of each kind. */
export type PatchType = 'json' | 'merge' | 'strategic';

export interface ObjectPatch {
  readonly type: PatchType;
  /** Parsed, not yet checked. */
  readonly value: unknown;
  /** Paths of keys that stood twice in one map of the text. */
  readonly duplicateFields: readonly string[];
}

/** Applies a patch to the stored object; again when somebody else was faster, as long as the patch names no version. */
export function patchObject(
  parts: EngineParts,
  kind: Kind,
  ref: ObjectRef,
  part: ChangedPart,
  patch: ObjectPatch,
  context: WriteContext,
): Promise<Outcome> {
  const { duplicateFields } = patch;
  return changeObject(parts, {
    kind,
    ref,
    part,
    context,
    change: (current) => ({ value: applyPatch(kind.message, patch, current), duplicateFields }),
  });
}

/** What a patch makes of a document, which it leaves as it is. */
export function applyPatch(message: Message<object>, { type, value }: ObjectPatch, document: object): unknown {
  try {
    switch (type) {
      case 'json':
        return applyJsonPatch(document, value);
      case 'merge':
        return applyMergePatch(document, value);
      case 'strategic':
        return applyStrategicMergePatch(message, document as Readonly<Record<string, unknown>>, value);
      default:
        return type satisfies never;
    }
  } catch (error) {
    if (error instanceof PatchError) throw refusals[error.fault](error);
    throw error;
  }
}

const refusals: Readonly<Record<PatchFault, (error: PatchError) => ApiError>> = {
  malformed: ({ message }) => badRequest(`error decoding patch: ${message}`),
  inapplicable: ({ message }) => new ApiError('Invalid', `the patch does not fit the object: ${message}`),
  'too-large': ({ message }) => new ApiError('RequestEntityTooLarge', message),
};
