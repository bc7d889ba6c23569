import type { ConfigMap, Secret, ServiceAccount } from '@berth/api';

interface ConfigKinds {
  readonly ConfigMap: ConfigMap;
  readonly Secret: Secret;
  readonly ServiceAccount: ServiceAccount;
}

export type ConfigKind = keyof ConfigKinds;

/** What the pods of this node refer to, as the server sent it last. */
export interface ConfigView {
  get<K extends ConfigKind>(kind: K, namespace: string, name: string): ConfigKinds[K] | undefined;
}

export class ConfigStore implements ConfigView {
  readonly #objects = new Map<string, ConfigKinds[ConfigKind]>();

  get<K extends ConfigKind>(kind: K, namespace: string, name: string): ConfigKinds[K] | undefined {
    return this.#objects.get(key(kind, namespace, name)) as ConfigKinds[K] | undefined;
  }

  put(kind: ConfigKind, object: ConfigKinds[ConfigKind]): void {
    this.#objects.set(key(kind, object.metadata.namespace ?? '', object.metadata.name ?? ''), object);
  }

  delete(kind: ConfigKind, namespace: string, name: string): void {
    this.#objects.delete(key(kind, namespace, name));
  }

  /** Forgets everything that is not named; what was named is answered by the caller's list of keys. */
  retainOnly(keys: ReadonlySet<string>): void {
    for (const known of this.#objects.keys()) if (!keys.has(known)) this.#objects.delete(known);
  }
}

/** The key by which `retainOnly` knows an object. */
export function configKey(kind: ConfigKind, namespace: string, name: string): string {
  return key(kind, namespace, name);
}

export function isConfigKind(kind: string): kind is ConfigKind {
  return kind === 'ConfigMap' || kind === 'Secret' || kind === 'ServiceAccount';
}

function key(kind: ConfigKind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
