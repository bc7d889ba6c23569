import type { ApiClient } from './api-client.ts';

/** A resource as discovery describes it. */
export interface ResourceInfo {
  readonly groupVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

interface Discovered {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly singularResource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: string;
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
      }[];
    }[];
  }[];
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Everything the server serves, core group first. */
export async function discover(client: ApiClient): Promise<readonly ResourceInfo[]> {
  const answers = await Promise.all(
    ['/api', '/apis'].map((path) => client.json<Discovered>({ path, accept: aggregated })),
  );
  return answers
    .flatMap((answer) => answer.items)
    .flatMap((group) => group.versions.map((version) => ({ group: group.metadata.name ?? '', ...version })))
    .flatMap(({ group, version, resources }) =>
      resources.map((each) => ({
        groupVersion: group === '' ? version : `${group}/${version}`,
        plural: each.resource,
        singular: each.singularResource,
        kind: each.responseKind.kind,
        namespaced: each.scope === 'Namespaced',
        shortNames: each.shortNames ?? [],
        categories: each.categories ?? [],
      })),
    );
}

/** What a user means by `pods`, `pod`, `po`, `Pod`, `deployments.apps`, or a category such as `all`. */
export function resolveResources(known: readonly ResourceInfo[], name: string): readonly ResourceInfo[] {
  const wanted = name.toLowerCase();
  const exact = known.find((each) =>
    [
      each.plural,
      each.singular,
      each.kind.toLowerCase(),
      ...each.shortNames,
      `${each.plural}.${groupOf(each)}`,
    ].includes(wanted),
  );
  if (exact !== undefined) return [exact];
  const category = known.filter((each) => each.categories.includes(wanted));
  if (category.length > 0) return category;
  throw new Error(`the server has no resource called "${name}"; \`berth api-resources\` lists what it has`);
}

export function resourceOfKind(known: readonly ResourceInfo[], apiVersion: string, kind: string): ResourceInfo {
  const found = known.find((each) => each.kind === kind && each.groupVersion === apiVersion);
  if (found === undefined) throw new Error(`the server has no kind "${kind}" in ${apiVersion}`);
  return found;
}

export function pathOf(resource: ResourceInfo, namespace: string | undefined, name?: string): string {
  const root = resource.groupVersion.includes('/') ? `/apis/${resource.groupVersion}` : `/api/${resource.groupVersion}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

function groupOf(resource: ResourceInfo): string {
  return resource.groupVersion.includes('/') ? (resource.groupVersion.split('/')[0] ?? '') : '';
}
