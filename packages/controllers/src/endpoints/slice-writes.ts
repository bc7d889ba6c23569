import type { Endpoint, EndpointSlice, EndpointSlicePort, ObjectMeta, Stored } from '@berth/api';
import type { AnyObject, Write } from '../controller.ts';
import { compareText, objectKey } from '../object-key.ts';
import { controllerReference, isDeleting } from '../ownership.ts';
import { sameValue } from '../sameness.ts';
import { packSlices } from './slice-packing.ts';

export const sliceResource = 'endpointslices.discovery.k8s.io';

/** Endpoints that can share a slice: one address family, one set of ports. */
export interface SliceGroup {
  readonly addressType: string;
  readonly ports: readonly EndpointSlicePort[];
  readonly endpoints: readonly Endpoint[];
}

/** What all slices of one owner have in common. */
export interface SliceFrame {
  readonly owner: AnyObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Makes the slices of one owner hold these groups. A slice whose ports nobody needs any more is turned into one that is
 * needed rather than deleted, so that a service whose port changes is never without endpoints.
 */
export function sliceWrites(
  groups: readonly SliceGroup[],
  existing: readonly Stored<EndpointSlice>[],
  frame: SliceFrame,
): readonly Write[] {
  const free = new Set(existing.filter((slice) => !isDeleting(slice)));
  const matched = groups.map((group) => ({ group, slices: take(free, (slice) => fits(slice, group)) }));
  const writes = matched.flatMap(({ group, slices }) => {
    const spare = [...free].find(({ addressType }) => addressType === group.addressType);
    if (slices.length > 0 || spare === undefined) return groupWrites(group, slices, frame);
    free.delete(spare);
    return groupWrites(group, [spare], frame);
  });
  return [...writes, ...[...free].map(removal)];
}

/** Groups endpoints that came with their ports; the order of the groups is that of their ports. */
export function groupByPorts(
  addressType: string,
  endpoints: readonly { readonly endpoint: Endpoint; readonly ports: readonly EndpointSlicePort[] }[],
): readonly SliceGroup[] {
  const groups = new Map<string, { ports: readonly EndpointSlicePort[]; endpoints: Endpoint[] }>();
  for (const { endpoint, ports } of endpoints) {
    const id = portsId(ports);
    const group = groups.get(id) ?? { ports, endpoints: [] };
    group.endpoints.push(endpoint);
    groups.set(id, group);
  }
  return [...groups]
    .sort(([left], [right]) => compareText(left, right))
    .map(([, group]) => ({ addressType, ...group }));
}

function portsId(ports: readonly EndpointSlicePort[] | undefined): string {
  return (ports ?? [])
    .map(({ name = '', port = 0, protocol = 'TCP', appProtocol = '' }) => [name, port, protocol, appProtocol].join('/'))
    .sort()
    .join(' ');
}

function fits({ addressType, ports }: Stored<EndpointSlice>, group: SliceGroup): boolean {
  return addressType === group.addressType && portsId(ports) === portsId(group.ports);
}

function take<T>(from: Set<T>, isWanted: (item: T) => boolean): readonly T[] {
  const taken = [...from].filter(isWanted);
  for (const item of taken) from.delete(item);
  return taken;
}

function groupWrites(group: SliceGroup, slices: readonly Stored<EndpointSlice>[], frame: SliceFrame): readonly Write[] {
  const isStale = (slice: Stored<EndpointSlice>): boolean =>
    !fits(slice, group) || !sameValue(ownMetadata(frame), pickMetadata(slice.metadata));
  const { create, update, remove } = packSlices(group.endpoints, slices, isStale);
  return [
    ...create.map((endpoints): Write => {
      const metadata = {
        generateName: `${frame.owner.metadata.name}-`,
        namespace: frame.owner.metadata.namespace ?? '',
        ...ownMetadata(frame),
      };
      return { kind: 'create', resource: sliceResource, object: sliceOf(metadata, group, endpoints) };
    }),
    ...update.map(({ slice, endpoints }): Write => {
      const metadata = { ...withoutOwn(slice.metadata), ...ownMetadata(frame) };
      return { kind: 'update', resource: sliceResource, object: sliceOf(metadata, group, endpoints) };
    }),
    ...remove.map(removal),
  ];
}

function sliceOf<M extends ObjectMeta>(
  metadata: M,
  { addressType, ports }: SliceGroup,
  endpoints: readonly Endpoint[],
): Omit<EndpointSlice, 'metadata'> & { readonly metadata: M } {
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, addressType, endpoints, ports };
}

type OwnMetadata = Pick<ObjectMeta, 'labels' | 'annotations' | 'ownerReferences'>;

/** The part of a slice's metadata that its controller decides on. */
function ownMetadata({ owner, labels, annotations }: SliceFrame): OwnMetadata {
  return {
    labels,
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
    ownerReferences: [controllerReference(owner)],
  };
}

function pickMetadata({ labels, annotations, ownerReferences }: ObjectMeta): OwnMetadata {
  return {
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
}

function withoutOwn<M extends ObjectMeta>(metadata: M): Omit<M, keyof OwnMetadata> {
  const { labels: _labels, annotations: _annotations, ownerReferences: _owners, ...rest } = metadata;
  return rest;
}

function removal(slice: Stored<EndpointSlice>): Write {
  return { kind: 'delete', resource: sliceResource, key: objectKey(slice), uid: slice.metadata.uid };
}
