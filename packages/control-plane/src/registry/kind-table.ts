import type { Kind } from '@berth/api';

/** The kinds that this server serves. */
export class KindTable {
  readonly all: readonly Kind[];
  readonly #byResource: ReadonlyMap<string, Kind>;
  readonly #byPath: ReadonlyMap<string, Kind>;

  constructor(kinds: readonly Kind[]) {
    this.all = kinds;
    this.#byResource = new Map(kinds.map((kind) => [kind.resource, kind]));
    this.#byPath = new Map(kinds.map((kind) => [`${kind.apiVersion}/${kind.plural}`, kind]));
  }

  /** By `pods`, `deployments.apps`. Throws for a resource that is not served: the caller's fault, not a client's. */
  of(resource: string): Kind {
    const kind = this.#byResource.get(resource);
    if (kind === undefined) throw new Error(`no kind has the resource ${JSON.stringify(resource)}`);
    return kind;
  }

  /** By the words of a URL; undefined for what is not served. */
  at(group: string, version: string, plural: string): Kind | undefined {
    return this.#byPath.get(group === '' ? `${version}/${plural}` : `${group}/${version}/${plural}`);
  }
}
