import type { Endpoint, EndpointSlice, Stored } from '@berth/api';
import { compareText } from '../object-key.ts';
import { sameValue } from '../sameness.ts';

export interface Packing {
  /** Endpoints of a new slice each. */
  readonly create: readonly (readonly Endpoint[])[];
  readonly update: readonly { readonly slice: Stored<EndpointSlice>; readonly endpoints: readonly Endpoint[] }[];
  readonly remove: readonly Stored<EndpointSlice>[];
}

/** Kubernetes' default: small enough that a change of one pod sends little to every node. */
const endpointsPerSlice = 100;

interface Draft {
  readonly slice: Stored<EndpointSlice>;
  readonly endpoints: Endpoint[];
  changed: boolean;
}

/**
 * Spreads endpoints over slices so that churn touches few of them, as Kubernetes does: what stays, stays where it is;
 * what is new goes into slices that change anyway, then into one that has room for all the rest, then into new ones.
 * Without endpoints one empty slice remains. `isStale` tells of slices that must be written whatever they hold.
 */
export function packSlices(
  endpoints: readonly Endpoint[],
  existing: readonly Stored<EndpointSlice>[],
  isStale: (slice: Stored<EndpointSlice>) => boolean,
): Packing {
  const wanted = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const drafts = [...existing]
    .sort((left, right) => compareText(left.metadata.name, right.metadata.name))
    .map((slice) => keepWanted(slice, wanted, isStale(slice)));
  const fresh = [...wanted.values()].sort((left, right) => compareText(identityOf(left), identityOf(right)));
  for (const draft of fullestFirst(drafts.filter(({ changed }) => changed))) fill(draft, fresh);
  const roomy = fullestFirst(drafts.filter((draft) => roomIn(draft) >= fresh.length))[0];
  if (roomy !== undefined) fill(roomy, fresh);

  const spared = endpoints.length === 0 ? drafts[0] : undefined;
  const used = drafts.filter((draft) => draft.endpoints.length > 0 || draft === spared);
  const mustCreate = fresh.length > 0 || used.length === 0;
  return {
    create: mustCreate ? chunks(fresh) : [],
    update: used.filter(({ changed }) => changed),
    remove: drafts.filter((draft) => !used.includes(draft)).map(({ slice }) => slice),
  };
}

/** Takes out of `wanted` what the slice holds already. */
function keepWanted(slice: Stored<EndpointSlice>, wanted: Map<string, Endpoint>, stale: boolean): Draft {
  const endpoints: Endpoint[] = [];
  let changed = stale;
  for (const before of slice.endpoints ?? []) {
    const after = endpoints.length < endpointsPerSlice ? wanted.get(identityOf(before)) : undefined;
    if (after !== undefined) {
      wanted.delete(identityOf(before));
      endpoints.push(after);
    }
    changed ||= !sameValue(before, after);
  }
  return { slice, endpoints, changed };
}

/** Moves from `fresh` what fits. */
function fill(draft: Draft, fresh: Endpoint[]): void {
  const moved = fresh.splice(0, roomIn(draft));
  draft.endpoints.push(...moved);
  draft.changed ||= moved.length > 0;
}

function roomIn({ endpoints }: Draft): number {
  return endpointsPerSlice - endpoints.length;
}

function fullestFirst(drafts: readonly Draft[]): readonly Draft[] {
  return [...drafts].sort((left, right) => right.endpoints.length - left.endpoints.length);
}

/** A pod stays the same endpoint whatever its readiness; hand-made addresses are their own identity. */
function identityOf({ targetRef, addresses }: Endpoint): string {
  return targetRef?.uid ?? addresses.join(',');
}

/** At least one, which may be empty. */
function chunks(endpoints: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  return Array.from({ length: Math.max(1, Math.ceil(endpoints.length / endpointsPerSlice)) }, (_, at) =>
    endpoints.slice(at * endpointsPerSlice, (at + 1) * endpointsPerSlice),
  );
}
