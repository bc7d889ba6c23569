/** What a path below `/api` or `/apis` names. */
export interface ResourcePath {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural without group, as written in the path. */
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** `/namespaces/NAME/status` is the namespace's own; every other third word is a kind inside the namespace. */
const namespaceSubresources = new Set(['status', 'finalize']);

/**
 * `/api/v1/namespaces/default/pods/web-1/log` and its like. Undefined when the path has no such form; whether the kind
 * exists is not asked here.
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = decodeSegments(path);
  if (segments === undefined) return undefined;
  const [root, ...rest] = segments;
  if (root === 'api') return inGroup('', rest);
  if (root === 'apis') return inGroup(rest[0], rest.slice(1));
  return undefined;
}

function inGroup(group: string | undefined, segments: readonly string[]): ResourcePath | undefined {
  const [version, first, second, third, ...rest] = segments;
  if (group === undefined || version === undefined || first === undefined) return undefined;
  if (first !== 'namespaces' || third === undefined || (namespaceSubresources.has(third) && rest.length === 0))
    return object({ group, version, plural: first }, [second, third, ...rest]);
  if (second === undefined) return undefined;
  return object({ group, version, plural: third, namespace: second }, rest);
}

function object(
  kind: Pick<ResourcePath, 'group' | 'version' | 'plural' | 'namespace'>,
  [name, subresource, ...rest]: readonly (string | undefined)[],
): ResourcePath | undefined {
  if (rest.some((segment) => segment !== undefined)) return undefined;
  return {
    ...kind,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** Undefined for empty segments inside the path and for broken percent-encoding. */
function decodeSegments(path: string): readonly string[] | undefined {
  const raw = path.split('/').slice(1);
  if (raw.at(-1) === '') raw.pop();
  if (raw.includes('')) return undefined;
  try {
    return raw.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
