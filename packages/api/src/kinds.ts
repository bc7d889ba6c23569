import { deployment } from './apps/v1/deployment.ts';
import { replicaSet } from './apps/v1/replica-set.ts';
import { lease } from './coordination/v1/lease.ts';
import { configMap } from './core/v1/config-map.ts';
import { endpoints } from './core/v1/endpoints.ts';
import { event } from './core/v1/event.ts';
import { namespace } from './core/v1/namespace.ts';
import { node } from './core/v1/node.ts';
import { pod } from './core/v1/pod.ts';
import { secret } from './core/v1/secret.ts';
import { service } from './core/v1/service.ts';
import { serviceAccount } from './core/v1/service-account.ts';
import { endpointSlice } from './discovery/v1/endpoint-slice.ts';
import type { Kind } from './kind/kind.ts';

/** Every kind that is served and stored. Adding a kind is adding its file and a line here. */
export const kinds: readonly Kind[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  pod,
  secret,
  serviceAccount,
  service,
  deployment,
  replicaSet,
  lease,
  endpointSlice,
];

const byResource: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.resource, kind]));
const byTypeName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.kind}`, kind]));
const byPath: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [`${kind.apiVersion} ${kind.plural}`, kind]));
const byAnyName: ReadonlyMap<string, Kind> = new Map(
  kinds.flatMap((kind) => anyNames(kind).map((name) => [name, kind] as const)),
);

/** `pods`, `deployments.apps`. */
export function kindOfResource(resource: string): Kind | undefined {
  return byResource.get(resource);
}

/** By the words that an object says of itself: `apps/v1` and `Deployment`. */
export function kindOfObject(apiVersion: string, kind: string): Kind | undefined {
  return byTypeName.get(`${apiVersion} ${kind}`);
}

/** By the words of a URL: `apps/v1` and `deployments`. */
export function kindOfPath(apiVersion: string, plural: string): Kind | undefined {
  return byPath.get(`${apiVersion} ${plural}`);
}

/** By whatever a person types: `deploy`, `deployment`, `deployments`, `deployments.apps`, `Deployment`. */
export function kindOfName(name: string): Kind | undefined {
  return byAnyName.get(name.toLowerCase());
}

/** Kinds of one category, e.g. `all`. */
export function kindsOfCategory(category: string): readonly Kind[] {
  return kinds.filter((kind) => kind.categories.includes(category));
}

function anyNames({ resource, plural, singular, shortNames }: Kind): readonly string[] {
  return [...new Set([resource, plural, singular, ...shortNames])];
}
