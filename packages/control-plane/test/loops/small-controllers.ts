import type { AnyObject, Controller, NewObject, Plan, View, Write } from '@berth/controllers';
import type { LoopRegistry } from '../../src/loops/loop-ports.ts';
import type { ObjectEngine } from '../../src/registry/object-engine.ts';
import { admin, LoopCluster } from './loop-cluster.ts';

export type ConfigMap = AnyObject & { readonly data?: Readonly<Record<string, string>> };

export const namespace = 'default';

export function configMap(name: string, value: string): NewObject & { readonly data: object } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { value } };
}

export function creation(metadata: object): Write {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, ...metadata } };
  return { kind: 'create', resource: 'configmaps', object };
}

/** Keeps a copy of every config map that asks for one: `a` and `copy-of-a`. */
export const copier: Controller = {
  name: 'copier',
  watches: [{ resource: 'configmaps', keys: ({ metadata }) => [metadata.name.replace('copy-of-', '')] }],
  reconcile(view, key): Plan {
    const source = view.get<ConfigMap>('configmaps', `${namespace}/${key}`);
    const copy = view.get<ConfigMap>('configmaps', `${namespace}/copy-of-${key}`);
    if (source === undefined) return { writes: [] };
    if (copy === undefined) {
      const object = configMap(`copy-of-${key}`, source.data?.['value'] ?? '');
      return { writes: [{ kind: 'create', resource: 'configmaps', object }] };
    }
    if (copy.data?.['value'] === source.data?.['value']) return { writes: [] };
    const object: ConfigMap = { ...copy, data: source.data ?? {} };
    return { writes: [{ kind: 'update', resource: 'configmaps', object }] };
  },
};

/** A controller with one key, which is looked at from the start. */
export function standing(reconcile: (view: View) => Plan, refused?: NonNullable<Controller['refused']>): Controller {
  return {
    name: 'standing',
    watches: [{ resource: 'configmaps', keys: () => ['*'] }],
    standingKeys: ['*'],
    reconcile,
    ...(refused === undefined ? {} : { refused }),
  };
}

export async function open(options: ConstructorParameters<typeof LoopCluster>[0]): Promise<LoopCluster> {
  const cluster = new LoopCluster(options);
  await cluster.create('namespaces', undefined, { metadata: { name: namespace } });
  return cluster;
}

export async function setValue(cluster: LoopCluster, name: string, value: string): Promise<void> {
  const ref = { resource: 'configmaps', namespace, name };
  await cluster.registry.modify(ref, 'object', (object) => ({ ...object, data: { value } }), admin);
}

export function valueIn(cluster: LoopCluster, name: string): string | undefined {
  return cluster.cache.get<ConfigMap>('configmaps', `${namespace}/${name}`)?.data?.['value'];
}

/** Lets each write of the loops wait until the test opens the gate. */
export function gated(): {
  readonly around: (registry: ObjectEngine) => LoopRegistry;
  open(): void;
  readonly arrived: number;
} {
  let arrived = 0;
  const gate = Promise.withResolvers<void>();
  const wait = async (): Promise<void> => {
    arrived += 1;
    await gate.promise;
  };
  return {
    around: (registry) => ({
      ...registry,
      create: async (...given) => await wait().then(() => registry.create(...given)),
      update: async (...given) => await wait().then(() => registry.update(...given)),
    }),
    open: () => gate.resolve(),
    get arrived() {
      return arrived;
    },
  };
}
