/**
 * Nested objects and lists as an indented outline, fields called as in manifests. Elements of lists go by their name, type or place; empty
 * values are left out.
 */
export function outline(title: string, value: unknown, depth: number): readonly string[] {
  const indent = '  '.repeat(depth);
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    if (value.every((item) => typeof item !== 'object')) return [`${indent}${title}: ${value.join(', ')}`];
    return [
      `${indent}${title}:`,
      ...value.flatMap((item, index) => {
        const { name, type } = item as { readonly name?: unknown; readonly type?: unknown };
        return outline(String(name ?? type ?? index + 1), item, depth + 1);
      }),
    ];
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    if (entries.length === 0) return [`${indent}${title}: <empty>`];
    return [`${indent}${title}:`, ...entries.flatMap(([field, inner]) => outline(field, inner, depth + 1))];
  }
  const lines = String(value).trimEnd().split('\n');
  if (lines.length === 1) return [`${indent}${title}: ${lines[0]}`];
  return [`${indent}${title}:`, ...lines.map((line) => `${indent}  | ${line}`)];
}
