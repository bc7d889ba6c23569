import { type LabelSelector, labelSelector } from '../../meta/v1/label-selector.ts';
import { required } from '../../schema/field.ts';
import { embedded, flag, int32, int64, list, nested, text } from '../../schema/field-builder.ts';
import { atomicList, notServed, permissionBits } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { type LocalObjectReference, localObjectReference } from './object-reference.ts';
import {
  type DownwardAPIVolumeFile,
  downwardAPIVolumeFile,
  type KeyToPath,
  keyToPath,
} from './volume-configuration.ts';

export interface SecretProjection extends LocalObjectReference {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

const secretProjection: Message<SecretProjection> = message({
  name: 'core.v1.SecretProjection',
  description: 'Keys of a Secret as files of a projected volume.',
  fields: {
    ...embedded(1, localObjectReference),
    items: list(2, 'Keys to show and where; absent: all.', keyToPath, atomicList),
    optional: flag(4, 'Whether the pod starts when the Secret or a key is missing.', { keepZero: true }),
  },
});

export interface ConfigMapProjection extends LocalObjectReference {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

const configMapProjection: Message<ConfigMapProjection> = message({
  name: 'core.v1.ConfigMapProjection',
  description: 'Keys of a ConfigMap as files of a projected volume.',
  fields: {
    ...embedded(1, localObjectReference),
    items: list(2, 'Keys to show and where; absent: all.', keyToPath, atomicList),
    optional: flag(4, 'Whether the pod starts when the ConfigMap or a key is missing.', { keepZero: true }),
  },
});

export interface DownwardAPIProjection {
  readonly items?: readonly DownwardAPIVolumeFile[];
}

const downwardAPIProjection: Message<DownwardAPIProjection> = message({
  name: 'core.v1.DownwardAPIProjection',
  description: 'Facts about the pod as files of a projected volume.',
  fields: {
    items: list(1, 'The files.', downwardAPIVolumeFile, atomicList),
  },
});

export interface ServiceAccountTokenProjection {
  readonly audience?: string;
  readonly expirationSeconds?: number;
  readonly path: string;
}

const serviceAccountTokenProjection: Message<ServiceAccountTokenProjection> = message({
  name: 'core.v1.ServiceAccountTokenProjection',
  description: "A token of the pod's service account as a file, renewed before it expires.",
  fields: {
    audience: text(1, 'For whom the token is meant; empty means the API server.'),
    expirationSeconds: int64(2, 'How long a token is valid.', {
      keepZero: true,
      default: 3600,
      min: 600,
      max: 4294967296,
    }),
    path: required(text(3, 'Path of the file within the volume; relative, without "..".')),
  },
});

export interface ClusterTrustBundleProjection {
  readonly name?: string;
  readonly signerName?: string;
  readonly labelSelector?: LabelSelector;
  readonly path: string;
  readonly optional?: boolean;
}

const clusterTrustBundleProjection: Message<ClusterTrustBundleProjection> = message({
  name: 'core.v1.ClusterTrustBundleProjection',
  description: 'Certificates of trust bundles as a file.',
  fields: {
    name: text(1, 'One bundle.', { keepZero: true }),
    signerName: text(2, 'All bundles of a signer.', { keepZero: true }),
    labelSelector: nested(3, 'Which bundles of the signer.', labelSelector),
    path: required(text(4, 'Path of the file within the volume.')),
    optional: flag(5, 'Whether the pod starts without a bundle.', { keepZero: true }),
  },
});

export interface VolumeProjection {
  readonly secret?: SecretProjection;
  readonly downwardAPI?: DownwardAPIProjection;
  readonly configMap?: ConfigMapProjection;
  readonly serviceAccountToken?: ServiceAccountTokenProjection;
  readonly clusterTrustBundle?: ClusterTrustBundleProjection;
}

const volumeProjection: Message<VolumeProjection> = message({
  name: 'core.v1.VolumeProjection',
  description: 'One source of a projected volume; exactly one must be set.',
  fields: {
    secret: nested(1, 'Keys of a Secret.', secretProjection),
    downwardAPI: nested(2, 'Facts about the pod.', downwardAPIProjection),
    configMap: nested(3, 'Keys of a ConfigMap.', configMapProjection),
    serviceAccountToken: nested(4, "A token of the pod's service account.", serviceAccountTokenProjection),
    clusterTrustBundle: nested(5, 'Certificates of trust bundles.', clusterTrustBundleProjection, {
      refused: notServed('cluster trust bundles'),
    }),
  },
});

export interface ProjectedVolumeSource {
  readonly sources?: readonly VolumeProjection[];
  readonly defaultMode?: number;
}

export const projectedVolumeSource: Message<ProjectedVolumeSource> = message({
  name: 'core.v1.ProjectedVolumeSource',
  description: 'Several sources in one directory.',
  fields: {
    sources: list(1, 'The sources.', volumeProjection, atomicList),
    defaultMode: int32(2, 'Permission bits of the files.', { keepZero: true, default: 0o644, ...permissionBits }),
  },
});
