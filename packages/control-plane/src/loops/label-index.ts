import type { ObjectChange } from '../registry/object-cache.ts';
import { OrderedObjects } from '../registry/ordered-objects.ts';
import type { StoredObject } from '../registry/registry.ts';

const nothing: readonly StoredObject[] = Object.freeze([]);

/**
 * Objects of one kind by namespace and label, so that services and ReplicaSets find their pods without a walk over all of
 * them. Lists are in the order of keys.
 */
export class LabelIndex {
  readonly #groups = new Map<string, OrderedObjects>();

  add(key: string, object: StoredObject): void {
    for (const name of groupNames(object)) {
      const group = this.#groups.get(name) ?? new OrderedObjects();
      this.#groups.set(name, group);
      group.set(key, object);
    }
  }

  update({ key, before, after }: ObjectChange): void {
    const kept = new Set(after === undefined ? [] : groupNames(after));
    for (const name of before === undefined ? [] : groupNames(before)) {
      if (kept.has(name)) continue;
      const group = this.#groups.get(name);
      group?.delete(key);
      if (group?.size === 0) this.#groups.delete(name);
    }
    if (after !== undefined) this.add(key, after);
  }

  /** With all of these labels; at least one must be given. */
  find(namespace: string, labels: Readonly<Record<string, string>>): readonly StoredObject[] {
    const wanted = Object.entries(labels);
    const groups = wanted.map(([name, value]) => this.#groups.get(groupName(namespace, name, value)));
    const rarest = groups.reduce(
      (least, group) => ((group?.size ?? 0) < (least?.size ?? 0) ? group : least),
      groups[0],
    );
    const candidates = rarest?.list() ?? nothing;
    if (wanted.length === 1) return candidates;
    return candidates.filter(({ metadata }) => wanted.every(([name, value]) => metadata.labels?.[name] === value));
  }
}

function groupNames({ metadata }: StoredObject): readonly string[] {
  const { namespace = '' } = metadata;
  return Object.entries(metadata.labels ?? {}).map(([name, value]) => groupName(namespace, name, value));
}

/** Neither namespaces nor labels contain a space. */
function groupName(namespace: string, name: string, value: string): string {
  return `${namespace} ${name} ${value}`;
}
