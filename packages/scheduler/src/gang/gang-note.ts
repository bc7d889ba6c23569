import type { Pod } from '@berth/api';

/** Name of the gang, unique in the pod's namespace. */
export const gangAnnotation = 'berth.dev/gang';
/** Pods that the gang needs at once. */
export const gangSizeAnnotation = 'berth.dev/gang-size';
/** Topology key: all pods of the gang go into one domain of it. Optional. */
export const gangTopologyAnnotation = 'berth.dev/gang-topology';

/** What a pod says of the gang it belongs to. */
export interface GangNote {
  /** `namespace/name`. */
  readonly key: string;
  readonly size: number;
  readonly topologyKey: string | undefined;
}

/** Undefined for pods of no gang. A size that is no positive whole number counts as 1: the pod waits for nobody. */
export function gangNote({ metadata }: Pod): GangNote | undefined {
  const name = metadata.annotations?.[gangAnnotation];
  if (name === undefined || name === '') return undefined;
  const size = Number(metadata.annotations?.[gangSizeAnnotation]);
  return {
    key: `${metadata.namespace ?? ''}/${name}`,
    size: Number.isInteger(size) && size > 0 ? size : 1,
    topologyKey: metadata.annotations?.[gangTopologyAnnotation],
  };
}
