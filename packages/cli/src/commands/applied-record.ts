import type { ManifestObject } from '../client/manifests.ts';

/** kubectl's annotation: so the two can take turns on one object. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

interface Annotated {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** The object with an annotation that holds its own text, from which a later apply learns what to delete. */
export function withAppliedRecord(object: ManifestObject, namespace: string | undefined): ManifestObject {
  const { [annotation]: _before, ...annotations } = object.metadata.annotations ?? {};
  const metadata = { ...object.metadata, ...(namespace === undefined ? {} : { namespace }), annotations };
  const record = `${goJson({ ...object, metadata })}\n`;
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [annotation]: record } } };
}

/** What was applied last; undefined when the object was made otherwise, or its record is damaged. */
export function appliedBefore(live: Annotated): ManifestObject | undefined {
  const record = live.metadata.annotations?.[annotation];
  if (record === undefined) return undefined;
  try {
    return JSON.parse(record) as ManifestObject;
  } catch {
    return undefined;
  }
}

/** As Go writes a map: keys in order, angle brackets and ampersands escaped. Otherwise every change of tool would look like a change. */
function goJson(value: unknown): string {
  return JSON.stringify(inKeyOrder(value)).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, inKeyOrder(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
