import type { GroupVersionKind, Kind, Subresource } from '@berth/api';

/** What the server says of the kinds it serves, in the three forms that clients have asked for over the years. */
export interface DiscoveryDocuments {
  /** `/api` and `/apis` in one document each: kubectl from 1.26 on. */
  aggregated(root: 'api' | 'apis', version: 'v2' | 'v2beta1'): unknown;
  apiVersions(serverAddress: string): unknown;
  groupList(): unknown;
  /** Undefined for groups that are not served; the same below. */
  group(name: string): unknown;
  resourceList(group: string, version: string): unknown;
}

export function discoveryDocuments(kinds: readonly Kind[]): DiscoveryDocuments {
  const groups = Map.groupBy(kinds, (kind) => kind.group);
  const named = [...groups].filter(([name]) => name !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    aggregated: (root, version) => ({
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: (root === 'api' ? [['', groups.get('') ?? []] as const] : named).map(([name, members]) =>
        groupDiscovery(name, members),
      ),
    }),
    apiVersions: (serverAddress) => ({
      kind: 'APIVersions',
      versions: versionsOf(groups.get('') ?? []),
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    }),
    groupList: () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: named.map(([name, members]) => groupEntry(name, members)),
    }),
    group(name) {
      const members = groups.get(name);
      return members === undefined || name === ''
        ? undefined
        : { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(name, members) };
    },
    resourceList(group, version) {
      const members = (groups.get(group) ?? []).filter((kind) => kind.version === version);
      return members.length === 0 ? undefined : resourceList(members);
    },
  };
}

function versionsOf(members: readonly Kind[]): readonly string[] {
  return [...new Set(members.map((kind) => kind.version))];
}

function groupDiscovery(name: string, members: readonly Kind[]): unknown {
  return {
    metadata: { name, creationTimestamp: null },
    versions: versionsOf(members).map((version) => ({
      version,
      resources: members.filter((kind) => kind.version === version).map(resourceDiscovery),
      freshness: 'Current',
    })),
  };
}

function resourceDiscovery(kind: Kind): unknown {
  return {
    resource: kind.plural,
    responseKind: typeOf(kind),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
    ...(kind.subresources.length === 0
      ? {}
      : { subresources: kind.subresources.map((subresource) => subresourceDiscovery(kind, subresource)) }),
  };
}

function subresourceDiscovery(kind: Kind, { name, body, verbs }: Subresource): unknown {
  return { subresource: name, responseKind: typeOf(body ?? kind), verbs };
}

function typeOf({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind };
}

function groupEntry(name: string, members: readonly Kind[]): object {
  const versions = versionsOf(members).map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(members: readonly Kind[]): unknown {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: members[0]?.apiVersion,
    resources: members.flatMap((kind) => [resourceEntry(kind), ...kind.subresources.map((sub) => subEntry(kind, sub))]),
  };
}

function resourceEntry(kind: Kind): unknown {
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories.length === 0 ? {} : { categories: kind.categories }),
  };
}

/** `drain` reads group and version of `pods/eviction` here, and deletes pods past every budget when it does not find them. */
function subEntry(kind: Kind, { name, body, verbs }: Subresource): unknown {
  return {
    name: `${kind.plural}/${name}`,
    singularName: '',
    namespaced: kind.namespaced,
    ...(body === undefined ? {} : { group: body.group, version: body.version }),
    kind: (body ?? kind).kind,
    verbs,
  };
}
