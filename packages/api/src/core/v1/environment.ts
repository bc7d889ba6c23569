import { required } from '../../schema/field.ts';
import { embedded, flag, nested, quantity, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { environmentName } from '../../schema/text-formats.ts';
import { checkEnvFromSource, checkEnvVar } from './environment-validation.ts';
import { type LocalObjectReference, localObjectReference } from './object-reference.ts';

export interface ObjectFieldSelector {
  readonly apiVersion?: string;
  readonly fieldPath: string;
}

export const objectFieldSelector: Message<ObjectFieldSelector> = message({
  name: 'core.v1.ObjectFieldSelector',
  description: 'A field of the pod itself.',
  atomic: true,
  fields: {
    apiVersion: text(1, 'Version in which the path is written.', { default: 'v1' }),
    fieldPath: required(text(2, "Path of the field, e.g. metadata.name, metadata.labels['app'], status.podIP.")),
  },
});

export interface ResourceFieldSelector {
  readonly containerName?: string;
  readonly resource: string;
  readonly divisor?: string;
}

export const resourceFieldSelector: Message<ResourceFieldSelector> = message({
  name: 'core.v1.ResourceFieldSelector',
  description: 'A request or limit of a container.',
  atomic: true,
  fields: {
    containerName: text(1, 'The container; needed in volumes, otherwise the container itself.'),
    resource: required(
      text(2, 'What to read: limits or requests of cpu, memory or ephemeral-storage, e.g. limits.cpu.'),
    ),
    divisor: quantity(3, 'The unit of the answer, e.g. 1Mi; rounded up.', { default: '0' }),
  },
});

export interface ConfigMapKeySelector extends LocalObjectReference {
  readonly key: string;
  readonly optional?: boolean;
}

const configMapKeySelector: Message<ConfigMapKeySelector> = message({
  name: 'core.v1.ConfigMapKeySelector',
  description: "One key of a ConfigMap of the pod's namespace.",
  atomic: true,
  fields: {
    ...embedded(1, localObjectReference),
    key: required(text(2, 'The key.')),
    optional: flag(3, 'Whether the container starts without it when the ConfigMap or the key is missing.', {
      keepZero: true,
    }),
  },
});

export interface SecretKeySelector extends LocalObjectReference {
  readonly key: string;
  readonly optional?: boolean;
}

const secretKeySelector: Message<SecretKeySelector> = message({
  name: 'core.v1.SecretKeySelector',
  description: "One key of a Secret of the pod's namespace.",
  atomic: true,
  fields: {
    ...embedded(1, localObjectReference),
    key: required(text(2, 'The key.')),
    optional: flag(3, 'Whether the container starts without it when the Secret or the key is missing.', {
      keepZero: true,
    }),
  },
});

export interface EnvVarSource {
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
  readonly configMapKeyRef?: ConfigMapKeySelector;
  readonly secretKeyRef?: SecretKeySelector;
}

const envVarSource: Message<EnvVarSource> = message({
  name: 'core.v1.EnvVarSource',
  description: 'Where the value of a variable comes from; exactly one must be set.',
  fields: {
    fieldRef: nested(1, 'A field of the pod.', objectFieldSelector),
    resourceFieldRef: nested(2, 'A request or limit of a container.', resourceFieldSelector),
    configMapKeyRef: nested(3, 'A key of a ConfigMap.', configMapKeySelector),
    secretKeyRef: nested(4, 'A key of a Secret.', secretKeySelector),
  },
});

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: EnvVarSource;
}

export const envVar: Message<EnvVar> = message({
  name: 'core.v1.EnvVar',
  description: 'One environment variable of a container.',
  fields: {
    name: required(text(1, "The variable's name.")),
    value: text(2, 'The value; $(NAME) is replaced by a variable defined earlier, $$ stands for $.'),
    valueFrom: nested(3, 'Where the value comes from; not together with value.', envVarSource),
  },
  check: checkEnvVar,
});

export interface ConfigMapEnvSource extends LocalObjectReference {
  readonly optional?: boolean;
}

const configMapEnvSource: Message<ConfigMapEnvSource> = message({
  name: 'core.v1.ConfigMapEnvSource',
  description: 'All keys of a ConfigMap as variables.',
  fields: {
    ...embedded(1, localObjectReference),
    optional: flag(2, 'Whether the container starts without it when the ConfigMap is missing.', { keepZero: true }),
  },
});

export interface SecretEnvSource extends LocalObjectReference {
  readonly optional?: boolean;
}

const secretEnvSource: Message<SecretEnvSource> = message({
  name: 'core.v1.SecretEnvSource',
  description: 'All keys of a Secret as variables.',
  fields: {
    ...embedded(1, localObjectReference),
    optional: flag(2, 'Whether the container starts without it when the Secret is missing.', { keepZero: true }),
  },
});

export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: ConfigMapEnvSource;
  readonly secretRef?: SecretEnvSource;
}

export const envFromSource: Message<EnvFromSource> = message({
  name: 'core.v1.EnvFromSource',
  description: 'A source of many variables; exactly one of configMapRef and secretRef must be set.',
  fields: {
    prefix: text(1, 'Put before every name.', { format: environmentName }),
    configMapRef: nested(2, 'The ConfigMap to take from.', configMapEnvSource),
    secretRef: nested(3, 'The Secret to take from.', secretEnvSource),
  },
  check: checkEnvFromSource,
});
