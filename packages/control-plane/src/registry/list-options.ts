import { badRequest, FaultList, invalid } from '@berth/api';
import { type Revision, revision } from '@berth/store';

type VersionMatch = 'Exact' | 'NotOlderThan';

/** What a list or watch is asked for, checked; from the query of the request. */
export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Items per page; absent: all. */
  readonly limit?: number;
  readonly continue?: string;
  /** 0 means any state, however old. */
  readonly resourceVersion?: Revision;
  readonly resourceVersionMatch?: VersionMatch;
}

export interface WatchOptions extends ListOptions {
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The last value of a repeated parameter; the empty text counts as absent, as with Kubernetes. */
export function queryText(query: Query, name: string): string | undefined {
  const value = query[name];
  const last = typeof value === 'string' ? value : value?.at(-1);
  return last === undefined || last === '' ? undefined : last;
}

/** `true`, `1` and the bare name mean yes; `false`, `0` and absence no. */
export function queryFlag(query: Query, name: string): boolean | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  const text = (typeof value === 'string' ? value : (value.at(-1) ?? '')).toLowerCase();
  return text !== 'false' && text !== '0';
}

export function queryInteger(query: Query, name: string): number | undefined {
  const text = queryText(query, name);
  if (text === undefined) return undefined;
  if (!/^-?[0-9]{1,15}$/.test(text)) throw badRequest(`${name}: must be a whole number, got ${JSON.stringify(text)}`);
  return Number(text);
}

export function parseListOptions(query: Query): ListOptions {
  const options = readListOptions(query);
  const faults = new FaultList();
  if (queryFlag(query, 'sendInitialEvents') !== undefined)
    faults.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  checkMatch(options, faults);
  refuse(faults);
  return options;
}

export function parseWatchOptions(query: Query): WatchOptions {
  const options = readListOptions(query);
  const sendInitialEvents = queryFlag(query, 'sendInitialEvents');
  const faults = new FaultList();
  if (sendInitialEvents === undefined) {
    if (options.resourceVersionMatch !== undefined)
      faults.forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      );
  } else if (options.resourceVersionMatch !== 'NotOlderThan') {
    faults.forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  refuse(faults);
  const timeoutSeconds = queryInteger(query, 'timeoutSeconds');
  return {
    ...options,
    allowWatchBookmarks: queryFlag(query, 'allowWatchBookmarks') ?? false,
    ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }),
    ...(timeoutSeconds === undefined || timeoutSeconds <= 0 ? {} : { timeoutSeconds }),
  };
}

/** A resourceVersion of a query or precondition; undefined when absent. */
export function parseResourceVersion(text: string | undefined): Revision | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^[0-9]{1,15}$/.test(text))
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: must be a whole number as the server gave it`,
    );
  return revision(Number(text));
}

function readListOptions(query: Query): ListOptions {
  const limit = queryInteger(query, 'limit');
  const version = parseResourceVersion(queryText(query, 'resourceVersion'));
  const match = queryText(query, 'resourceVersionMatch');
  if (match !== undefined && match !== 'Exact' && match !== 'NotOlderThan') {
    const faults = new FaultList();
    faults.unsupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan']);
    refuse(faults);
  }
  const labelSelector = queryText(query, 'labelSelector');
  const fieldSelector = queryText(query, 'fieldSelector');
  const token = queryText(query, 'continue');
  return {
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(limit === undefined || limit <= 0 ? {} : { limit }),
    ...(token === undefined ? {} : { continue: token }),
    ...(version === undefined ? {} : { resourceVersion: version }),
    ...(match === undefined ? {} : { resourceVersionMatch: match as VersionMatch }),
  };
}

function checkMatch(options: ListOptions, faults: FaultList): void {
  const { resourceVersion, resourceVersionMatch: match } = options;
  if (match === undefined) return;
  const field = 'resourceVersionMatch';
  if (options.continue !== undefined)
    faults.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided');
  if (resourceVersion === undefined)
    faults.forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match === 'Exact' && resourceVersion === 0)
    faults.forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
}

function refuse(faults: FaultList): void {
  if (faults.faults.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', faults.faults);
}
