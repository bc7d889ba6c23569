import { duplicateFields, unsupportedMediaType } from '@berth/api';
import type { ObjectPatch, PatchType } from '../registry/object-patch.ts';
import type { ApiCall } from './api-call.ts';
import { decodeText, parseJson } from './json-text.ts';
import { parseMediaType } from './media-type.ts';
import { bodyBytes } from './request-body.ts';

const typeByContent: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** The patch in the body; 415 for types that are not served, server-side apply among them. */
export function patchOf(call: ApiCall): ObjectPatch {
  const type = typeByContent[parseMediaType(call.request.headers['content-type'] ?? '').type];
  if (type === undefined) throw unsupportedMediaType(Object.keys(typeByContent));
  const text = decodeText(bodyBytes(call));
  return { type, value: parseJson(text, 'error decoding patch'), duplicateFields: duplicateFields(text) };
}
