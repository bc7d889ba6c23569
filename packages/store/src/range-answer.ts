import { type BoundedRange, boundedRange } from './key-range.ts';
import type { KeySpace } from './mvcc/key-space.ts';
import type { Revision } from './revision.ts';
import type { KeyValue, RangeRequest, RangeResponse } from './store.ts';
import { StoreError } from './store-error.ts';

const noBytes = new Uint8Array(0);

/** Answers from the present state; asks for an array of only as many keys as wanted. */
export function presentAnswer(space: KeySpace, request: RangeRequest): RangeResponse {
  const range: BoundedRange = boundedRange(request);
  const limit = limitOf(request);
  if (request.countOnly === true)
    return { revision: space.revision, kvs: [], more: false, count: space.present.countIn(range) };
  const kvs = space.present.slice(range, limit);
  const count = kvs.length < limit ? kvs.length : space.present.countIn(range);
  return { revision: space.revision, kvs: shown(kvs, request), more: count > kvs.length, count };
}

/** Answers from the complete state of the range at an old revision. `revision` in the answer is the old one: it is exact there. */
export function pastAnswer(at: Revision, all: readonly KeyValue[], request: RangeRequest): RangeResponse {
  if (request.countOnly === true) return { revision: at, kvs: [], more: false, count: all.length };
  const kvs = all.slice(0, limitOf(request));
  return { revision: at, kvs: shown(kvs, request), more: all.length > kvs.length, count: all.length };
}

/** Throws `compacted` or `future-revision` for a revision that cannot be answered. */
export function checkRevision(
  at: Revision,
  space: { readonly revision: Revision; readonly compactRevision: Revision },
): void {
  if (at > space.revision)
    throw new StoreError('future-revision', `revision ${at} does not exist yet, the present is ${space.revision}`);
  if (at < space.compactRevision)
    throw new StoreError('compacted', `revision ${at} is forgotten, history begins at ${space.compactRevision}`);
}

function limitOf(request: RangeRequest): number {
  return request.limit === undefined || request.limit === 0 ? Number.POSITIVE_INFINITY : request.limit;
}

function shown(kvs: readonly KeyValue[], request: RangeRequest): readonly KeyValue[] {
  return request.keysOnly === true ? kvs.map((kv) => ({ ...kv, value: noBytes })) : kvs;
}
