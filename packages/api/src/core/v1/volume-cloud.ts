import { required } from '../../schema/field.ts';
import { flag, int32, nested, text, textMap } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { type LocalObjectReference, localObjectReference } from './object-reference.ts';

export interface AWSElasticBlockStoreVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly partition?: number;
  readonly readOnly?: boolean;
}

export const awsElasticBlockStoreVolumeSource: Message<AWSElasticBlockStoreVolumeSource> = message({
  name: 'core.v1.AWSElasticBlockStoreVolumeSource',
  description: "A disk of Amazon's cloud.",
  fields: {
    volumeID: required(text(1, 'Id of the disk.')),
    fsType: text(2, 'Its file system.'),
    partition: int32(3, 'The partition to mount.'),
    readOnly: flag(4, 'Whether it cannot be written.'),
  },
});

export interface GCEPersistentDiskVolumeSource {
  readonly pdName: string;
  readonly fsType?: string;
  readonly partition?: number;
  readonly readOnly?: boolean;
}

export const gcePersistentDiskVolumeSource: Message<GCEPersistentDiskVolumeSource> = message({
  name: 'core.v1.GCEPersistentDiskVolumeSource',
  description: "A disk of Google's cloud.",
  fields: {
    pdName: required(text(1, 'Name of the disk.')),
    fsType: text(2, 'Its file system.'),
    partition: int32(3, 'The partition to mount.'),
    readOnly: flag(4, 'Whether it cannot be written.'),
  },
});

export interface AzureDiskVolumeSource {
  readonly diskName: string;
  readonly diskURI: string;
  readonly cachingMode?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly kind?: string;
}

export const azureDiskVolumeSource: Message<AzureDiskVolumeSource> = message({
  name: 'core.v1.AzureDiskVolumeSource',
  description: "A disk of Microsoft's cloud.",
  fields: {
    diskName: required(text(1, 'Name of the disk.')),
    diskURI: required(text(2, 'Address of the disk.')),
    cachingMode: text(3, 'How the host caches it.', {
      keepZero: true,
      default: 'ReadWrite',
      values: ['None', 'ReadOnly', 'ReadWrite'],
    }),
    fsType: text(4, 'Its file system.', { keepZero: true, default: 'ext4' }),
    readOnly: flag(5, 'Whether it cannot be written.', { keepZero: true, default: false }),
    kind: text(6, 'How the disk is kept.', {
      keepZero: true,
      default: 'Shared',
      values: ['Dedicated', 'Managed', 'Shared'],
    }),
  },
});

export interface AzureFileVolumeSource {
  readonly secretName: string;
  readonly shareName: string;
  readonly readOnly?: boolean;
}

export const azureFileVolumeSource: Message<AzureFileVolumeSource> = message({
  name: 'core.v1.AzureFileVolumeSource',
  description: "A file share of Microsoft's cloud.",
  fields: {
    secretName: required(text(1, 'Secret with the account.')),
    shareName: required(text(2, 'Name of the share.')),
    readOnly: flag(3, 'Whether it cannot be written.'),
  },
});

export interface CinderVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly secretRef?: LocalObjectReference;
}

export const cinderVolumeSource: Message<CinderVolumeSource> = message({
  name: 'core.v1.CinderVolumeSource',
  description: 'A volume of OpenStack.',
  fields: {
    volumeID: required(text(1, 'Id of the volume.')),
    fsType: text(2, 'Its file system.'),
    readOnly: flag(3, 'Whether it cannot be written.'),
    secretRef: nested(4, 'Secret with the credentials.', localObjectReference),
  },
});

export interface VsphereVirtualDiskVolumeSource {
  readonly volumePath: string;
  readonly fsType?: string;
  readonly storagePolicyName?: string;
  readonly storagePolicyID?: string;
}

export const vsphereVirtualDiskVolumeSource: Message<VsphereVirtualDiskVolumeSource> = message({
  name: 'core.v1.VsphereVirtualDiskVolumeSource',
  description: 'A disk of vSphere.',
  fields: {
    volumePath: required(text(1, 'Path of the disk.')),
    fsType: text(2, 'Its file system.'),
    storagePolicyName: text(3, 'Name of its storage policy.'),
    storagePolicyID: text(4, 'Id of its storage policy.'),
  },
});

export interface PhotonPersistentDiskVolumeSource {
  readonly pdID: string;
  readonly fsType?: string;
}

export const photonPersistentDiskVolumeSource: Message<PhotonPersistentDiskVolumeSource> = message({
  name: 'core.v1.PhotonPersistentDiskVolumeSource',
  description: 'A disk of a Photon controller.',
  fields: {
    pdID: required(text(1, 'Id of the disk.')),
    fsType: text(2, 'Its file system.'),
  },
});

export interface CSIVolumeSource {
  readonly driver: string;
  readonly readOnly?: boolean;
  readonly fsType?: string;
  readonly volumeAttributes?: Readonly<Record<string, string>>;
  readonly nodePublishSecretRef?: LocalObjectReference;
}

export const csiVolumeSource: Message<CSIVolumeSource> = message({
  name: 'core.v1.CSIVolumeSource',
  description: 'A volume made by a storage driver for the pod.',
  fields: {
    driver: required(text(1, 'Name of the driver.')),
    readOnly: flag(2, 'Whether it cannot be written.', { keepZero: true }),
    fsType: text(3, 'Its file system.', { keepZero: true }),
    volumeAttributes: textMap(4, 'Settings for the driver.'),
    nodePublishSecretRef: nested(5, 'Secret for the driver.', localObjectReference),
  },
});

export interface ImageVolumeSource {
  readonly reference?: string;
  readonly pullPolicy?: string;
}

export const imageVolumeSource: Message<ImageVolumeSource> = message({
  name: 'core.v1.ImageVolumeSource',
  description: 'The files of an image.',
  fields: {
    reference: text(1, 'The image.'),
    pullPolicy: text(2, 'When it is pulled.', { values: ['Always', 'IfNotPresent', 'Never'] }),
  },
});
