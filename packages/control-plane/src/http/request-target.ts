import { type Query, queryFlag } from '../registry/list-options.ts';
import type { RequestAttributes } from './access.ts';
import type { RequestKind, RequestLabels } from './request-metrics.ts';
import { parseResourcePath, type ResourcePath } from './resource-path.ts';

/** What a request is about, told from its method and address alone: for access, limits, metrics and the log. */
export interface RequestTarget {
  readonly attributes: RequestAttributes;
  readonly path?: ResourcePath;
  readonly labels: RequestLabels;
  /** `longRunning`: has no end of its own, and its duration says nothing. */
  readonly kind: RequestKind | 'longRunning';
}

const longRunningSubresources = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** `isServed` says whether a path names a kind and sub-resource of ours: only those become labels of metrics. */
export function requestTarget(
  method: string,
  url: string,
  query: Query,
  isServed: (path: ResourcePath) => boolean,
): RequestTarget {
  const path = url.split('?', 1)[0] as string;
  const resource = parseResourcePath(path);
  if (resource === undefined) return besideTheApi(method, path);
  const verb = verbOf(method, resource, query);
  const labelled = verb === 'get' || verb === 'list' || verb === 'watch' ? verb.toUpperCase() : method;
  return {
    attributes: { verb, path, resource: { ...resource } },
    path: resource,
    labels: isServed(resource) ? { verb: labelled, ...resourceLabels(resource) } : { verb: method, ...noResource },
    kind: kindOf(method, verb, resource.subresource),
  };
}

const noResource = { group: '', version: '', resource: '', subresource: '', scope: '' } as const;

function resourceLabels(path: ResourcePath): Omit<RequestLabels, 'verb'> {
  const { group, version, plural, namespace, name, subresource = '' } = path;
  const scope = name !== undefined ? 'resource' : namespace !== undefined ? 'namespace' : 'cluster';
  return { group, version, resource: plural, subresource, scope };
}

function besideTheApi(method: string, path: string): RequestTarget {
  return {
    attributes: { verb: method.toLowerCase(), path },
    labels: { verb: method, ...noResource },
    kind: method === 'GET' || method === 'HEAD' ? 'readOnly' : 'mutating',
  };
}

const verbByMethod: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

function verbOf(method: string, { name }: ResourcePath, query: Query): string {
  const verb = verbByMethod[method] ?? method.toLowerCase();
  if (name !== undefined) return verb;
  if (verb === 'get') return queryFlag(query, 'watch') === true ? 'watch' : 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

function kindOf(method: string, verb: string, subresource: string | undefined): RequestTarget['kind'] {
  if (verb === 'watch' || longRunningSubresources.has(subresource ?? '')) return 'longRunning';
  return method === 'GET' || method === 'HEAD' ? 'readOnly' : 'mutating';
}
