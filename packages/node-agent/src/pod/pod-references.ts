import type { Container, Pod } from '@berth/api';

export interface ConfigReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

/** The ConfigMaps and Secrets of its own namespace that a pod refers to; some may stand there more than once. */
export function podReferences(pod: Pod): readonly ConfigReference[] {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const named = [
    ...containers.flatMap(environmentReferences),
    ...volumeReferences(pod),
    ...(pod.spec.imagePullSecrets ?? []).map(({ name }) => reference('Secret', name)),
  ];
  return named.filter((entry) => entry !== undefined);
}

function environmentReferences({ env, envFrom }: Container): readonly (ConfigReference | undefined)[] {
  return [
    ...(env ?? []).flatMap(({ valueFrom }) => [
      reference('ConfigMap', valueFrom?.configMapKeyRef?.name),
      reference('Secret', valueFrom?.secretKeyRef?.name),
    ]),
    ...(envFrom ?? []).flatMap(({ configMapRef, secretRef }) => [
      reference('ConfigMap', configMapRef?.name),
      reference('Secret', secretRef?.name),
    ]),
  ];
}

function volumeReferences(pod: Pod): readonly (ConfigReference | undefined)[] {
  return (pod.spec.volumes ?? []).flatMap(({ configMap, secret, projected }) => [
    reference('ConfigMap', configMap?.name),
    reference('Secret', secret?.secretName),
    ...(projected?.sources ?? []).flatMap((source) => [
      reference('ConfigMap', source.configMap?.name),
      reference('Secret', source.secret?.name),
    ]),
  ]);
}

function reference(kind: ConfigReference['kind'], name: string | undefined): ConfigReference | undefined {
  return name === undefined || name === '' ? undefined : { kind, name };
}
