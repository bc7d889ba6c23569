import { OrderedObjects } from './ordered-objects.ts';
import type { StoredObject } from './registry.ts';

const nothing: readonly StoredObject[] = Object.freeze([]);

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
    if (before !== undefined) this.#dropFromGroups(key, before);
    this.#all.set(key, object);
    for (const [groups, name] of this.#groupsOf(object)) {
      const group = groups.get(name) ?? new OrderedObjects();
      groups.set(name, group);
      group.set(key, object);
    }
  }

  delete(key: string): void {
    const before = this.#all.get(key);
    if (before === undefined) return;
    this.#all.delete(key);
    this.#dropFromGroups(key, before);
  }

  #dropFromGroups(key: string, object: StoredObject): void {
    for (const [groups, name] of this.#groupsOf(object)) {
      const group = groups.get(name);
      group?.delete(key);
      if (group?.size === 0) groups.delete(name);
    }
  }

  #groupsOf(object: StoredObject): [Map<string, OrderedObjects>, string][] {
    const groups: [Map<string, OrderedObjects>, string][] = [];
    const { namespace, ownerReferences } = object.metadata;
    if (namespace !== undefined) groups.push([this.#byNamespace, namespace]);
    for (const owner of ownerReferences ?? []) groups.push([this.#byOwner, owner.uid]);
    const nodeName = (object['spec'] as { readonly nodeName?: string } | undefined)?.nodeName;
    if (object.kind === 'Pod' && nodeName !== undefined && nodeName !== '') groups.push([this.#byNode, nodeName]);
    return groups;
  }
}
