import { OrderedObjects } from './ordered-objects.ts';
import type { StoredObject } from './registry.ts';

const nothing: readonly StoredObject[] = Object.freeze([]);

/** Objects that have something in common, by the name of it. */
type Group = readonly [groups: Map<string, OrderedObjects>, name: string];

/** All objects of one kind, and the questions loops ask about them. */
export class ObjectIndex {
  readonly #all = new OrderedObjects();
  readonly #byNamespace = new Map<string, OrderedObjects>();
  readonly #byOwner = new Map<string, OrderedObjects>();
  readonly #byNode = new Map<string, OrderedObjects>();

  get(key: string): StoredObject | undefined {
    return this.#all.get(key);
  }

  keys(): readonly string[] {
    return this.#all.keys();
  }

  list(namespace?: string): readonly StoredObject[] {
    return namespace === undefined ? this.#all.list() : (this.#byNamespace.get(namespace)?.list() ?? nothing);
  }

  /** With any owner reference to this uid, whether controlling or not. */
  withOwner(uid: string): readonly StoredObject[] {
    return this.#byOwner.get(uid)?.list() ?? nothing;
  }

  /** With this `spec.nodeName`. */
  onNode(nodeName: string): readonly StoredObject[] {
    return this.#byNode.get(nodeName)?.list() ?? nothing;
  }

  put(key: string, object: StoredObject): void {
    const before = this.#all.get(key);
    const next = this.#groupsOf(object);
    // Where it stays it keeps its place: finding one again takes longer the more objects there are.
    if (before !== undefined)
      for (const old of this.#groupsOf(before)) if (!next.some((each) => isSame(each, old))) dropFrom(old, key);
    this.#all.set(key, object);
    for (const [groups, name] of next) {
      const group = groups.get(name) ?? new OrderedObjects();
      groups.set(name, group);
      group.set(key, object);
    }
  }

  delete(key: string): void {
    const before = this.#all.get(key);
    if (before === undefined) return;
    this.#all.delete(key);
    for (const group of this.#groupsOf(before)) dropFrom(group, key);
  }

  #groupsOf(object: StoredObject): readonly Group[] {
    const groups: Group[] = [];
    const { namespace, ownerReferences } = object.metadata;
    if (namespace !== undefined) groups.push([this.#byNamespace, namespace]);
    for (const owner of ownerReferences ?? []) groups.push([this.#byOwner, owner.uid]);
    const nodeName = (object['spec'] as { readonly nodeName?: string } | undefined)?.nodeName;
    if (object.kind === 'Pod' && nodeName !== undefined && nodeName !== '') groups.push([this.#byNode, nodeName]);
    return groups;
  }
}

function isSame([leftGroups, leftName]: Group, [groups, name]: Group): boolean {
  return leftGroups === groups && leftName === name;
}

function dropFrom([groups, name]: Group, key: string): void {
  const group = groups.get(name);
  group?.delete(key);
  if (group?.size === 0) groups.delete(name);
}
