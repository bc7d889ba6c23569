import type { ObjectMeta, Pod, Stored } from '@berth/api';

/** On a pod made because another one was lost: the name of that pod. */
const replacesAnnotation = 'berth.dev/replaces';

export function replacedPod({ metadata }: { readonly metadata: ObjectMeta }): string | undefined {
  return metadata.annotations?.[replacesAnnotation];
}

/** Names of lost pods that none of the living replaces yet, in order. */
export function unreplaced(lost: readonly Stored<Pod>[], living: readonly Stored<Pod>[]): readonly string[] {
  const replaced = new Set(living.map(replacedPod));
  return lost.map(({ metadata }) => metadata.name).filter((name) => !replaced.has(name));
}

export function markReplacement(metadata: ObjectMeta, original: string | undefined): ObjectMeta {
  if (original === undefined) return metadata;
  return { ...metadata, annotations: { ...metadata.annotations, [replacesAnnotation]: original } };
}
