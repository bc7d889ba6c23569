import { required } from '../../schema/field.ts';
import { embedded, flag, int32, list, nested, text } from '../../schema/field-builder.ts';
import { atomicList, permissionBits } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import {
  type ObjectFieldSelector,
  objectFieldSelector,
  type ResourceFieldSelector,
  resourceFieldSelector,
} from './environment.ts';
import { type LocalObjectReference, localObjectReference } from './object-reference.ts';

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

export const keyToPath: Message<KeyToPath> = message({
  name: 'core.v1.KeyToPath',
  description: 'Which key becomes which file.',
  fields: {
    key: required(text(1, 'The key.')),
    path: required(text(2, 'Path of the file within the volume; relative, without "..".')),
    mode: int32(3, 'Permission bits of the file.', { keepZero: true, ...permissionBits }),
  },
});

export interface ConfigMapVolumeSource extends LocalObjectReference {
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

export const configMapVolumeSource: Message<ConfigMapVolumeSource> = message({
  name: 'core.v1.ConfigMapVolumeSource',
  description: 'Keys of a ConfigMap as files.',
  fields: {
    ...embedded(1, localObjectReference),
    items: list(2, 'Keys to show and where; absent: all, each under its own name.', keyToPath, atomicList),
    defaultMode: int32(3, 'Permission bits of the files.', { keepZero: true, default: 0o644, ...permissionBits }),
    optional: flag(4, 'Whether the pod starts when the ConfigMap or a key is missing.', { keepZero: true }),
  },
});

export interface SecretVolumeSource {
  readonly secretName?: string;
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
  readonly optional?: boolean;
}

export const secretVolumeSource: Message<SecretVolumeSource> = message({
  name: 'core.v1.SecretVolumeSource',
  description: 'Keys of a Secret as files in memory.',
  fields: {
    secretName: text(1, 'Name of the Secret.'),
    items: list(2, 'Keys to show and where; absent: all, each under its own name.', keyToPath, atomicList),
    defaultMode: int32(3, 'Permission bits of the files.', { keepZero: true, default: 0o644, ...permissionBits }),
    optional: flag(4, 'Whether the pod starts when the Secret or a key is missing.', { keepZero: true }),
  },
});

export interface DownwardAPIVolumeFile {
  readonly path: string;
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
  readonly mode?: number;
}

export const downwardAPIVolumeFile: Message<DownwardAPIVolumeFile> = message({
  name: 'core.v1.DownwardAPIVolumeFile',
  description: 'One file made of facts about the pod; exactly one of fieldRef and resourceFieldRef must be set.',
  fields: {
    path: required(text(1, 'Path of the file within the volume; relative, without "..".')),
    fieldRef: nested(2, 'A field of the pod.', objectFieldSelector),
    resourceFieldRef: nested(3, 'A request or limit of a container.', resourceFieldSelector),
    mode: int32(4, 'Permission bits of the file.', { keepZero: true, ...permissionBits }),
  },
});

export interface DownwardAPIVolumeSource {
  readonly items?: readonly DownwardAPIVolumeFile[];
  readonly defaultMode?: number;
}

export const downwardAPIVolumeSource: Message<DownwardAPIVolumeSource> = message({
  name: 'core.v1.DownwardAPIVolumeSource',
  description: 'Files made of facts about the pod.',
  fields: {
    items: list(1, 'The files.', downwardAPIVolumeFile, atomicList),
    defaultMode: int32(2, 'Permission bits of the files.', { keepZero: true, default: 0o644, ...permissionBits }),
  },
});
