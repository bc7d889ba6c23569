import type { Revision, Store } from '@berth/store';

/** An object as it would be stored. */
export interface TestObject {
  readonly kind: string;
  readonly metadata: object;
  readonly [field: string]: unknown;
}

/** Writes an object as the engine would, without its rules: for tests of what reads the store. */
export async function putObject(store: Store, key: string, object: TestObject): Promise<Revision> {
  const { kind, metadata, ...rest } = object;
  const text = JSON.stringify({ kind, apiVersion: 'v1', metadata, ...rest });
  const { revision } = await store.txn({
    compare: [],
    success: [{ kind: 'put', key, value: new TextEncoder().encode(text) }],
  });
  return revision;
}

export async function removeObject(store: Store, key: string): Promise<Revision> {
  const { revision } = await store.txn({ compare: [], success: [{ kind: 'delete', from: key }] });
  return revision;
}

export function podObject(
  name: string,
  facts: { nodeName?: string; owner?: string; labels?: object } = {},
): TestObject {
  const { nodeName, owner, labels } = facts;
  const ownerReferences =
    owner === undefined
      ? {}
      : { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: owner, controller: true }] };
  return {
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      ...(labels === undefined ? {} : { labels }),
      ...ownerReferences,
    },
    spec: nodeName === undefined ? {} : { nodeName },
  };
}
