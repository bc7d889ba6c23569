import { safeText } from './name-suffix.ts';

/**
 * Names a pod template: the value of the label `pod-template-hash` and the end of a ReplicaSet's name. The same for
 * templates that are equal, in whatever order their keys stand. `collisionCount` is raised by the Deployment controller when two different
 * templates meet in one hash.
 */
export function podTemplateHash(template: unknown, collisionCount?: number): string {
  let hash = fnv1a(0x811c9dc5, stableText(template));
  if (collisionCount !== undefined) hash = fnv1a(hash, `#${collisionCount}`);
  return safeText(String(hash));
}

/** FNV-1a with 32 bits over UTF-16 code units, low byte first. */
function fnv1a(seed: number, text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** JSON with sorted keys. */
function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${stableText(field)}`).join(',')}}`;
}
