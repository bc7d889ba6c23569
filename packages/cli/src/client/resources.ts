import type { ApiClient } from './api-client.ts';
import type { ManifestObject } from './manifests.ts';

/** A resource as discovery describes it. */
export interface ResourceInfo {
  /** `v1`, `apps/v1`. */
  readonly groupVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** Objects of one resource; all of them when no names are given. */
export interface Selection {
  readonly resource: ResourceInfo;
  readonly names: readonly string[];
}

/** One object, and where it is. */
export interface Target {
  readonly resource: ResourceInfo;
  /** Undefined for objects of the cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
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
        group,
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

/** What a user means by `pods`, `pod`, `po`, `Pod`, `deployments.apps`, `deployment.apps`, or a category such as `all`. */
function resolveResources(known: readonly ResourceInfo[], name: string): readonly ResourceInfo[] {
  const wanted = name.toLowerCase();
  const exact = known.find((each) => namesOf(each).includes(wanted));
  if (exact !== undefined) return [exact];
  const category = known.filter((each) => each.categories.includes(wanted));
  if (category.length > 0) return category;
  const all = known.map((each) => each.plural).join(', ');
  throw new Error(`the server doesn't have a resource type "${name}"; it has ${all}`);
}

/** One resource, where a command can only use one. */
export function resolveResource(known: readonly ResourceInfo[], name: string): ResourceInfo {
  const [resource, another] = resolveResources(known, name);
  if (resource === undefined || another !== undefined) throw new Error(`name one resource type, got "${name}"`);
  return resource;
}

/** The words of a command line: `TYPE[,TYPE…] [NAME…]` or `TYPE/NAME …`. */
export function selectionsOf(known: readonly ResourceInfo[], words: readonly string[]): readonly Selection[] {
  const [types = '', ...names] = words;
  if (!types.includes('/')) {
    return types.split(',').flatMap((type) => resolveResources(known, type).map((resource) => ({ resource, names })));
  }
  return words.map((word) => {
    const [type, name, more] = word.split('/');
    if (type === undefined || type === '' || name === undefined || name === '' || more !== undefined)
      throw new Error(`when one object is named as TYPE/NAME all must be, got "${word}"`);
    return { resource: resolveResource(known, type), names: [name] };
  });
}

/**
 * Where the object of a manifest belongs. A namespace that was asked for and one that the object names must be the same:
 * otherwise a change would reach another object than the file says.
 */
export function targetOf(
  known: readonly ResourceInfo[],
  object: ManifestObject,
  namespace: { readonly asked: string | undefined; readonly usual: string },
): Target {
  const { apiVersion, kind, metadata } = object;
  const resource = known.find((each) => each.kind === kind && each.groupVersion === apiVersion);
  if (resource === undefined) throw new Error(`the server has no kind "${kind}" in "${apiVersion}"`);
  if (!resource.namespaced) return { resource, namespace: undefined, name: metadata.name };
  if (namespace.asked !== undefined && metadata.namespace !== undefined && namespace.asked !== metadata.namespace) {
    throw new Error(
      `${kind} "${metadata.name}" says namespace "${metadata.namespace}", the command line says "${namespace.asked}"`,
    );
  }
  return {
    resource,
    namespace: namespace.asked ?? metadata.namespace ?? namespace.usual,
    name: metadata.name,
  };
}

/** URL path of a collection, or with a name of one object. */
export function pathOf(resource: ResourceInfo, namespace: string | undefined, name?: string): string {
  const root = resource.group === '' ? '/api' : '/apis';
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}/${resource.groupVersion}${scope}/${resource.plural}${object}`;
}

/** `pod`, `deployment.apps`: how commands print what they have done something to. */
export function qualifiedName({ group, singular }: ResourceInfo): string {
  return group === '' ? singular : `${singular}.${group}`;
}

function namesOf({ group, kind, plural, shortNames, singular }: ResourceInfo): readonly string[] {
  return [plural, singular, kind.toLowerCase(), ...shortNames, `${plural}.${group}`, `${singular}.${group}`];
}
