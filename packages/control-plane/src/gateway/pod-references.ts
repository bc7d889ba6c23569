import type { Container, EnvFromSource, EnvVar, Pod, Volume } from '@berth/api';

/** Kinds that an agent is given because a pod of its node refers to them. */
export type ConfigKind = 'ConfigMap' | 'Secret' | 'ServiceAccount';

export interface ConfigReference {
  readonly kind: ConfigKind;
  readonly namespace: string;
  readonly name: string;
}

export const configResources: Readonly<Record<ConfigKind, string>> = {
  ConfigMap: 'configmaps',
  Secret: 'secrets',
  ServiceAccount: 'serviceaccounts',
};

/** `ConfigMap/default/web`. */
export function configKey(reference: ConfigReference): string {
  return `${reference.kind}/${reference.namespace}/${reference.name}`;
}

/**
 * Everything that a pod needs besides itself, each once. This is also the limit of what its node may see: an agent
 * gets no other ConfigMap, Secret or ServiceAccount.
 */
export function podReferences(pod: Pod): readonly ConfigReference[] {
  const namespace = pod.metadata.namespace ?? '';
  const found = new Map<string, ConfigReference>();
  const add = (kind: ConfigKind, name: string | undefined): void => {
    if (name === undefined || name === '') return;
    const reference: ConfigReference = { kind, namespace, name };
    found.set(configKey(reference), reference);
  };
  const { spec } = pod;
  add('ServiceAccount', spec.serviceAccountName ?? 'default');
  for (const secret of spec.imagePullSecrets ?? []) add('Secret', secret.name);
  for (const container of containersOf(pod)) {
    for (const source of container.envFrom ?? []) addEnvFrom(source, add);
    for (const variable of container.env ?? []) addEnv(variable, add);
  }
  for (const volume of spec.volumes ?? []) addVolume(volume, add);
  return [...found.values()];
}

type Add = (kind: ConfigKind, name: string | undefined) => void;

function containersOf(pod: Pod): readonly Container[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
}

function addEnvFrom(source: EnvFromSource, add: Add): void {
  add('ConfigMap', source.configMapRef?.name);
  add('Secret', source.secretRef?.name);
}

function addEnv(variable: EnvVar, add: Add): void {
  add('ConfigMap', variable.valueFrom?.configMapKeyRef?.name);
  add('Secret', variable.valueFrom?.secretKeyRef?.name);
}

function addVolume(volume: Volume, add: Add): void {
  add('ConfigMap', volume.configMap?.name);
  add('Secret', volume.secret?.secretName);
  for (const source of volume.projected?.sources ?? []) {
    add('ConfigMap', source.configMap?.name);
    add('Secret', source.secret?.name);
    // The agent mounts the cluster's CA beside the token.
    if (source.serviceAccountToken !== undefined) add('ConfigMap', 'kube-root-ca.crt');
  }
}
