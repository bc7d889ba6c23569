import { applyObjectDefaults, decodeObject, type Kind, strictDecodingError } from '@berth/api';
import type { ObjectDraft } from './object-draft.ts';
import type { WriteContext } from './registry.ts';

/** An object as a client sent it: parsed, of no known type yet. */
export interface SentObject {
  readonly value: unknown;
  /** Paths of keys that stood twice in one map of the text. */
  readonly duplicateFields?: readonly string[];
}

/**
 * Turns what was sent into a draft of the kind: unknown fields dropped, told or refused as the context asks, every default
 * filled in. Rejects what is not of the kind at all with 400.
 */
export function readObject(kind: Kind, sent: SentObject, context: WriteContext): ObjectDraft {
  const { object, problems } = decodeObject(kind, sent.value);
  const duplicates = (sent.duplicateFields ?? []).map((path) => `duplicate field ${JSON.stringify(path)}`);
  const all = [...problems, ...duplicates];
  if (all.length > 0 && context.fieldValidation === 'Strict') throw strictDecodingError(kind, all);
  if (context.fieldValidation === 'Warn') for (const problem of all) context.warn?.(problem);
  applyObjectDefaults(kind, object);
  return object as ObjectDraft;
}
