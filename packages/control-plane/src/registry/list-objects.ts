import { ApiError, badRequest, continueExpired, resourceVersionTooLarge } from '@berth/api';
import {
  type Consistency,
  type KeyRange,
  type KeyValue,
  type RangeResponse,
  type Revision,
  type Store,
  StoreError,
} from '@berth/store';
import { type ContinuePoint, decodeContinue, encodeContinue } from './continue-token.ts';
import type { ListOptions } from './list-options.ts';
import type { Selection } from './object-selection.ts';
import { nextKey } from './resource-key.ts';
import { decodeStored } from './stored-object.ts';

export interface ListPage {
  /** Of the whole list, all its pages. */
  readonly revision: Revision;
  readonly items: readonly KeyValue[];
  /** Token of the next page. */
  readonly continue?: string;
  /** Items beyond this page; unknown when a selector was given. */
  readonly remaining?: number;
}

/** Keys read at once while a selector looks for enough matches. */
const scanKeys = 1_000;

/** `fresh` is how new the state must be when the options do not say. */
export async function listObjects(
  store: Store,
  selection: Selection,
  options: ListOptions,
  fresh: Consistency,
): Promise<ListPage> {
  const point = continuePoint(options);
  const plan = readPlan(options, point, fresh);
  try {
    return await readPage(store, selection, options.limit, point, plan);
  } catch (error) {
    throw refusal(error, point, plan, store);
  }
}

/** Which state is read: the present one, fresh enough, or exactly that of a revision. */
interface ReadPlan {
  readonly consistency: Consistency;
  readonly exact?: Revision;
}

function readPlan(options: ListOptions, point: ContinuePoint | undefined, fresh: Consistency): ReadPlan {
  if (point !== undefined) return point.revision === undefined ? { consistency: fresh } : exactly(point.revision);
  const { resourceVersion, resourceVersionMatch, limit } = options;
  if (resourceVersion === undefined) return { consistency: fresh };
  if (resourceVersion === 0) return { consistency: { kind: 'local' } };
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && limit !== undefined);
  return exact ? exactly(resourceVersion) : { consistency: { kind: 'atLeast', revision: resourceVersion } };
}

function exactly(revision: Revision): ReadPlan {
  return { consistency: { kind: 'atLeast', revision }, exact: revision };
}

async function readPage(
  store: Store,
  { range, selects }: Selection,
  limit: number | undefined,
  point: ContinuePoint | undefined,
  plan: ReadPlan,
): Promise<ListPage> {
  const rest = point === undefined ? range : { ...range, from: range.from + point.start };
  if (selects === undefined) {
    const response = await readKeys(store, rest, limit, plan);
    const { revision, kvs, more, count } = response;
    const last = kvs.at(-1);
    if (!more || last === undefined) return { revision, items: kvs };
    return { revision, items: kvs, continue: tokenAfter(range, last, revision), remaining: count - kvs.length };
  }
  return searchPage(store, range, rest, selects, limit ?? Number.POSITIVE_INFINITY, plan);
}

/** Reads on until enough objects match; all steps see the state of the first. */
async function searchPage(
  store: Store,
  range: KeyRange,
  rest: KeyRange,
  selects: NonNullable<Selection['selects']>,
  limit: number,
  plan: ReadPlan,
): Promise<ListPage> {
  const items: KeyValue[] = [];
  const keysPerStep = limit === Number.POSITIVE_INFINITY ? undefined : Math.max(limit, scanKeys);
  let step = await readKeys(store, rest, keysPerStep, plan);
  const { revision } = step;
  for (;;) {
    for (const [index, kv] of step.kvs.entries()) {
      if (!selects(decodeStored(kv))) continue;
      items.push(kv);
      if (items.length < limit) continue;
      const ended = index === step.kvs.length - 1 && !step.more;
      return ended ? { revision, items } : { revision, items, continue: tokenAfter(range, kv, revision) };
    }
    const last = step.kvs.at(-1);
    if (!step.more || last === undefined) return { revision, items };
    step = await readKeys(store, { ...range, from: nextKey(last.key) }, keysPerStep, exactly(revision));
  }
}

function readKeys(store: Store, range: KeyRange, limit: number | undefined, plan: ReadPlan): Promise<RangeResponse> {
  return store.range({
    ...range,
    consistency: plan.consistency,
    ...(limit === undefined ? {} : { limit }),
    ...(plan.exact === undefined ? {} : { revision: plan.exact }),
  });
}

function tokenAfter(range: KeyRange, last: KeyValue, revision: Revision): string {
  return encodeContinue({ revision, start: nextKey(last.key).slice(range.from.length) });
}

function continuePoint(options: ListOptions): ContinuePoint | undefined {
  if (options.continue === undefined) return undefined;
  if (options.resourceVersion !== undefined && options.resourceVersion !== 0)
    throw badRequest('specifying resource version is not allowed when using continue');
  const point = decodeContinue(options.continue);
  if (point === undefined) throw badRequest('continue key is not valid: it is not a token of this server');
  return point;
}

function refusal(error: unknown, point: ContinuePoint | undefined, plan: ReadPlan, store: Store): unknown {
  if (!(error instanceof StoreError)) return error;
  if (error.code === 'compacted')
    return point === undefined
      ? new ApiError('Expired', 'The resourceVersion for the provided list is too old.')
      : continueExpired(encodeContinue({ start: point.start }));
  if (error.code === 'not-yet' || error.code === 'future-revision') {
    const { consistency } = plan;
    const asked = consistency.kind === 'atLeast' ? String(consistency.revision) : 'of the present';
    return resourceVersionTooLarge(asked, String(store.status().revision));
  }
  return error;
}
