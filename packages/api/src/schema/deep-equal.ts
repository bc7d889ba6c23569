type Fields = Readonly<Record<string, unknown>>;

/** Equality of JSON values; the order of keys does not matter, an undefined field is an absent one. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((element, index) => deepEqual(element, right[index]));
  }
  if (Array.isArray(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const name of names) if (!deepEqual((left as Fields)[name], (right as Fields)[name])) return false;
  return true;
}
