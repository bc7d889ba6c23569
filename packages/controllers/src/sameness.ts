/**
 * Whether two values of the API mean the same: keys in any order, and an absent list is an empty one, as Kubernetes'
 * semantic equality has it.
 */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) || Array.isArray(right)) return sameList(left, right);
  if (!isRecord(left) || !isRecord(right)) return false;
  for (const key in left) if (!sameValue(left[key], right[key])) return false;
  for (const key in right) if (!(key in left) && !sameValue(undefined, right[key])) return false;
  return true;
}

function sameList(left: unknown, right: unknown): boolean {
  if (left !== undefined && !Array.isArray(left)) return false;
  if (right !== undefined && !Array.isArray(right)) return false;
  const leftItems: readonly unknown[] = left ?? [];
  const rightItems: readonly unknown[] = right ?? [];
  return leftItems.length === rightItems.length && leftItems.every((item, at) => sameValue(item, rightItems[at]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
