import { required } from '../../schema/field.ts';
import { flag, int32, nested, text, textMap, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { type LocalObjectReference, localObjectReference } from './object-reference.ts';

export interface NFSVolumeSource {
  readonly server: string;
  readonly path: string;
  readonly readOnly?: boolean;
}

export const nfsVolumeSource: Message<NFSVolumeSource> = message({
  name: 'core.v1.NFSVolumeSource',
  description: 'A directory of an NFS server.',
  fields: {
    server: required(text(1, 'Name or address of the server.')),
    path: required(text(2, 'Path on the server.')),
    readOnly: flag(3, 'Whether it cannot be written.'),
  },
});

export interface ISCSIVolumeSource {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly iscsiInterface?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly portals?: readonly string[];
  readonly chapAuthDiscovery?: boolean;
  readonly secretRef?: LocalObjectReference;
  readonly chapAuthSession?: boolean;
  readonly initiatorName?: string;
}

export const iscsiVolumeSource: Message<ISCSIVolumeSource> = message({
  name: 'core.v1.ISCSIVolumeSource',
  description: 'A disk of an iSCSI target.',
  fields: {
    targetPortal: required(text(1, 'Address of the target.')),
    iqn: required(text(2, 'Name of the target.')),
    lun: required(int32(3, 'Number of the disk.')),
    iscsiInterface: text(4, 'Network interface.', { default: 'default' }),
    fsType: text(5, 'Its file system.'),
    readOnly: flag(6, 'Whether it cannot be written.'),
    portals: texts(7, 'Further addresses of the target.', atomicList),
    chapAuthDiscovery: flag(8, 'Whether discovery authenticates.'),
    secretRef: nested(10, 'Secret with the credentials.', localObjectReference),
    chapAuthSession: flag(11, 'Whether sessions authenticate.'),
    initiatorName: text(12, 'Name of the initiator.', { keepZero: true }),
  },
});

export interface GlusterfsVolumeSource {
  readonly endpoints: string;
  readonly path: string;
  readonly readOnly?: boolean;
}

export const glusterfsVolumeSource: Message<GlusterfsVolumeSource> = message({
  name: 'core.v1.GlusterfsVolumeSource',
  description: 'A Gluster volume.',
  fields: {
    endpoints: required(text(1, 'Endpoints that name its servers.')),
    path: required(text(2, 'Name of the volume.')),
    readOnly: flag(3, 'Whether it cannot be written.'),
  },
});

export interface RBDVolumeSource {
  readonly monitors: readonly string[];
  readonly image: string;
  readonly fsType?: string;
  readonly pool?: string;
  readonly user?: string;
  readonly keyring?: string;
  readonly secretRef?: LocalObjectReference;
  readonly readOnly?: boolean;
}

export const rbdVolumeSource: Message<RBDVolumeSource> = message({
  name: 'core.v1.RBDVolumeSource',
  description: 'A block device of Ceph.',
  fields: {
    monitors: required(texts(1, 'Addresses of the monitors.', atomicList)),
    image: required(text(2, 'Name of the image.')),
    fsType: text(3, 'Its file system.'),
    pool: text(4, 'The pool.', { default: 'rbd' }),
    user: text(5, 'The user.', { default: 'admin' }),
    keyring: text(6, 'File with the key.', { default: '/etc/ceph/keyring' }),
    secretRef: nested(7, 'Secret with the key.', localObjectReference),
    readOnly: flag(8, 'Whether it cannot be written.'),
  },
});

export interface CephFSVolumeSource {
  readonly monitors: readonly string[];
  readonly path?: string;
  readonly user?: string;
  readonly secretFile?: string;
  readonly secretRef?: LocalObjectReference;
  readonly readOnly?: boolean;
}

export const cephFSVolumeSource: Message<CephFSVolumeSource> = message({
  name: 'core.v1.CephFSVolumeSource',
  description: 'A directory of a Ceph file system.',
  fields: {
    monitors: required(texts(1, 'Addresses of the monitors.', atomicList)),
    path: text(2, 'Path in the file system.'),
    user: text(3, 'The user.'),
    secretFile: text(4, 'File with the key.'),
    secretRef: nested(5, 'Secret with the key.', localObjectReference),
    readOnly: flag(6, 'Whether it cannot be written.'),
  },
});

export interface FCVolumeSource {
  readonly targetWWNs?: readonly string[];
  readonly lun?: number;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly wwids?: readonly string[];
}

export const fcVolumeSource: Message<FCVolumeSource> = message({
  name: 'core.v1.FCVolumeSource',
  description: 'A disk of a Fibre Channel target.',
  fields: {
    targetWWNs: texts(1, 'Names of the targets.', atomicList),
    lun: int32(2, 'Number of the disk.', { keepZero: true }),
    fsType: text(3, 'Its file system.'),
    readOnly: flag(4, 'Whether it cannot be written.'),
    wwids: texts(5, 'World-wide ids, instead of targets and number.', atomicList),
  },
});

export interface FlockerVolumeSource {
  readonly datasetName?: string;
  readonly datasetUUID?: string;
}

export const flockerVolumeSource: Message<FlockerVolumeSource> = message({
  name: 'core.v1.FlockerVolumeSource',
  description: 'A dataset of Flocker.',
  fields: {
    datasetName: text(1, 'Name of the dataset.'),
    datasetUUID: text(2, 'Id of the dataset.'),
  },
});

export interface QuobyteVolumeSource {
  readonly registry: string;
  readonly volume: string;
  readonly readOnly?: boolean;
  readonly user?: string;
  readonly group?: string;
  readonly tenant?: string;
}

export const quobyteVolumeSource: Message<QuobyteVolumeSource> = message({
  name: 'core.v1.QuobyteVolumeSource',
  description: 'A Quobyte volume.',
  fields: {
    registry: required(text(1, 'Addresses of the registry.')),
    volume: required(text(2, 'Name of the volume.')),
    readOnly: flag(3, 'Whether it cannot be written.'),
    user: text(4, 'The user.'),
    group: text(5, 'The group.'),
    tenant: text(6, 'The tenant.'),
  },
});

export interface PortworxVolumeSource {
  readonly volumeID: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
}

export const portworxVolumeSource: Message<PortworxVolumeSource> = message({
  name: 'core.v1.PortworxVolumeSource',
  description: 'A Portworx volume.',
  fields: {
    volumeID: required(text(1, 'Id of the volume.')),
    fsType: text(2, 'Its file system.'),
    readOnly: flag(3, 'Whether it cannot be written.'),
  },
});

export interface ScaleIOVolumeSource {
  readonly gateway: string;
  readonly system: string;
  readonly secretRef: LocalObjectReference;
  readonly sslEnabled?: boolean;
  readonly protectionDomain?: string;
  readonly storagePool?: string;
  readonly storageMode?: string;
  readonly volumeName?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
}

export const scaleIOVolumeSource: Message<ScaleIOVolumeSource> = message({
  name: 'core.v1.ScaleIOVolumeSource',
  description: 'A ScaleIO volume.',
  fields: {
    gateway: required(text(1, 'Address of the gateway.')),
    system: required(text(2, 'Name of the system.')),
    secretRef: required(nested(3, 'Secret with the credentials.', localObjectReference)),
    sslEnabled: flag(4, 'Whether TLS is used.'),
    protectionDomain: text(5, 'The protection domain.'),
    storagePool: text(6, 'The pool.'),
    storageMode: text(7, 'Thick or thin.', { default: 'ThinProvisioned' }),
    volumeName: text(8, 'Name of the volume.'),
    fsType: text(9, 'Its file system.', { default: 'xfs' }),
    readOnly: flag(10, 'Whether it cannot be written.'),
  },
});

export interface StorageOSVolumeSource {
  readonly volumeName?: string;
  readonly volumeNamespace?: string;
  readonly fsType?: string;
  readonly readOnly?: boolean;
  readonly secretRef?: LocalObjectReference;
}

export const storageOSVolumeSource: Message<StorageOSVolumeSource> = message({
  name: 'core.v1.StorageOSVolumeSource',
  description: 'A StorageOS volume.',
  fields: {
    volumeName: text(1, 'Name of the volume.'),
    volumeNamespace: text(2, 'Namespace of the volume.'),
    fsType: text(3, 'Its file system.'),
    readOnly: flag(4, 'Whether it cannot be written.'),
    secretRef: nested(5, 'Secret with the credentials.', localObjectReference),
  },
});

export interface FlexVolumeSource {
  readonly driver: string;
  readonly fsType?: string;
  readonly secretRef?: LocalObjectReference;
  readonly readOnly?: boolean;
  readonly options?: Readonly<Record<string, string>>;
}

export const flexVolumeSource: Message<FlexVolumeSource> = message({
  name: 'core.v1.FlexVolumeSource',
  description: 'A volume made by an executable on the node.',
  fields: {
    driver: required(text(1, 'Name of the driver.')),
    fsType: text(2, 'Its file system.'),
    secretRef: nested(3, 'Secret for the driver.', localObjectReference),
    readOnly: flag(4, 'Whether it cannot be written.'),
    options: textMap(5, 'Settings for the driver.'),
  },
});

export interface GitRepoVolumeSource {
  readonly repository: string;
  readonly revision?: string;
  readonly directory?: string;
}

export const gitRepoVolumeSource: Message<GitRepoVolumeSource> = message({
  name: 'core.v1.GitRepoVolumeSource',
  description: 'A clone of a git repository.',
  fields: {
    repository: required(text(1, 'Address of the repository.')),
    revision: text(2, 'The commit.'),
    directory: text(3, 'Directory of the clone.'),
  },
});
