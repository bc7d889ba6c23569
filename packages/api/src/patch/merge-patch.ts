import { checkDepth, isJsonObject, refusePrototypeKey } from './patch-error.ts';

/** JSON Merge Patch (RFC 7396): `null` deletes, objects merge, all else replaces. Neither argument is changed. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  checkDepth(patch);
  return merge(document, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, unknown> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    refusePrototypeKey(key);
    if (value === null) delete merged[key];
    else merged[key] = merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value);
  }
  return merged;
}
