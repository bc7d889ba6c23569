import type { Container, EnvVarSource, Pod } from '@berth/api';
import { PodStepError } from '../pod/pod-ports.ts';
import type { ConfigView } from './config-store.ts';
import { type DownwardFacts, fieldValue, resourceFieldValue } from './downward-value.ts';
import { expandVariables } from './variable-expansion.ts';

export interface EnvironmentSources {
  readonly config: ConfigView;
  readonly facts: DownwardFacts;
  /** Variables of the services that the pod may see; anything of its own with the same name wins. */
  readonly services: ReadonlyMap<string, string>;
}

/**
 * A container's variables, in Kubernetes' order: `envFrom`, then `env`, then the services. `$(NAME)` sees what stands before it and the
 * services. Rejects with `CreateContainerConfigError` when something is missing that is not optional.
 */
export function environmentOf(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const [name, value] of importedVariables(pod, container, sources.config)) variables.set(name, value);
  const lookUp = (name: string) => variables.get(name) ?? sources.services.get(name);
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) {
      variables.set(name, expandVariables(value ?? '', lookUp));
      continue;
    }
    const given = referredValue(pod, container, valueFrom, sources);
    if (given !== undefined) variables.set(name, given);
  }
  for (const [name, value] of sources.services) if (!variables.has(name)) variables.set(name, value);
  return variables;
}

function* importedVariables(pod: Pod, container: Container, config: ConfigView): Generator<[string, string]> {
  const namespace = pod.metadata.namespace ?? '';
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef?.name !== undefined) {
      const found = config.get('ConfigMap', namespace, configMapRef.name);
      if (found === undefined && configMapRef.optional !== true) throw missing('configmap', configMapRef.name);
      for (const [key, value] of Object.entries(found?.data ?? {})) yield [prefix + key, value];
    }
    if (secretRef?.name !== undefined) {
      const found = config.get('Secret', namespace, secretRef.name);
      if (found === undefined && secretRef.optional !== true) throw missing('secret', secretRef.name);
      for (const [key, value] of Object.entries(found?.data ?? {})) yield [prefix + key, fromBase64(value)];
    }
  }
}

function referredValue(
  pod: Pod,
  container: Container,
  source: EnvVarSource,
  { config, facts }: EnvironmentSources,
): string | undefined {
  if (source.fieldRef !== undefined) return fieldValue(pod, source.fieldRef.fieldPath, facts);
  if (source.resourceFieldRef !== undefined) {
    const { containerName } = source.resourceFieldRef;
    return resourceFieldValue(namedContainer(pod, containerName) ?? container, source.resourceFieldRef, facts);
  }
  const namespace = pod.metadata.namespace ?? '';
  const fromMap = source.configMapKeyRef;
  if (fromMap !== undefined) {
    const found = config.get('ConfigMap', namespace, fromMap.name ?? '');
    return keyOf('configmap', namespace, fromMap, found === undefined ? undefined : (found.data ?? {}));
  }
  const fromSecret = source.secretKeyRef;
  if (fromSecret === undefined) return undefined;
  const found = config.get('Secret', namespace, fromSecret.name ?? '');
  const value = keyOf('secret', namespace, fromSecret, found === undefined ? undefined : (found.data ?? {}));
  return value === undefined ? undefined : fromBase64(value);
}

function keyOf(
  kind: 'configmap' | 'secret',
  namespace: string,
  reference: { readonly name?: string; readonly key: string; readonly optional?: boolean },
  data: Readonly<Record<string, string>> | undefined,
): string | undefined {
  const name = reference.name ?? '';
  const value = data?.[reference.key];
  if (value !== undefined || reference.optional === true) return value;
  if (data === undefined) throw missing(kind, name);
  const shown = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  const message = `couldn't find key ${reference.key} in ${shown} ${namespace}/${name}`;
  throw new PodStepError('CreateContainerConfigError', message);
}

export function namedContainer(pod: Pod, name: string | undefined): Container | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((container) => container.name === name);
}

function missing(kind: string, name: string): PodStepError {
  return new PodStepError('CreateContainerConfigError', `${kind} "${name}" not found`);
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
