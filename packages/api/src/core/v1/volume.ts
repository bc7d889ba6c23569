import { required } from '../../schema/field.ts';
import { embedded, nested, text } from '../../schema/field-builder.ts';
import { notServed } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsLabel } from '../../schema/text-formats.ts';
import {
  type EphemeralVolumeSource,
  ephemeralVolumeSource,
  type PersistentVolumeClaimVolumeSource,
  persistentVolumeClaimVolumeSource,
} from './volume-claim.ts';
import {
  type AWSElasticBlockStoreVolumeSource,
  type AzureDiskVolumeSource,
  type AzureFileVolumeSource,
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  type CinderVolumeSource,
  type CSIVolumeSource,
  cinderVolumeSource,
  csiVolumeSource,
  type GCEPersistentDiskVolumeSource,
  gcePersistentDiskVolumeSource,
  type ImageVolumeSource,
  imageVolumeSource,
  type PhotonPersistentDiskVolumeSource,
  photonPersistentDiskVolumeSource,
  type VsphereVirtualDiskVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './volume-cloud.ts';
import {
  type ConfigMapVolumeSource,
  configMapVolumeSource,
  type DownwardAPIVolumeSource,
  downwardAPIVolumeSource,
  type SecretVolumeSource,
  secretVolumeSource,
} from './volume-configuration.ts';
import { fillVolume } from './volume-defaults.ts';
import {
  type EmptyDirVolumeSource,
  emptyDirVolumeSource,
  type HostPathVolumeSource,
  hostPathVolumeSource,
} from './volume-local.ts';
import {
  type CephFSVolumeSource,
  cephFSVolumeSource,
  type FCVolumeSource,
  type FlexVolumeSource,
  type FlockerVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  type GitRepoVolumeSource,
  type GlusterfsVolumeSource,
  gitRepoVolumeSource,
  glusterfsVolumeSource,
  type ISCSIVolumeSource,
  iscsiVolumeSource,
  type NFSVolumeSource,
  nfsVolumeSource,
  type PortworxVolumeSource,
  portworxVolumeSource,
  type QuobyteVolumeSource,
  quobyteVolumeSource,
  type RBDVolumeSource,
  rbdVolumeSource,
  type ScaleIOVolumeSource,
  type StorageOSVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
} from './volume-network.ts';
import { type ProjectedVolumeSource, projectedVolumeSource } from './volume-projected.ts';
import { checkVolume } from './volume-validation.ts';

export interface VolumeSource {
  readonly hostPath?: HostPathVolumeSource;
  readonly emptyDir?: EmptyDirVolumeSource;
  readonly gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  readonly awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  readonly gitRepo?: GitRepoVolumeSource;
  readonly secret?: SecretVolumeSource;
  readonly nfs?: NFSVolumeSource;
  readonly iscsi?: ISCSIVolumeSource;
  readonly glusterfs?: GlusterfsVolumeSource;
  readonly persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  readonly rbd?: RBDVolumeSource;
  readonly flexVolume?: FlexVolumeSource;
  readonly cinder?: CinderVolumeSource;
  readonly cephfs?: CephFSVolumeSource;
  readonly flocker?: FlockerVolumeSource;
  readonly downwardAPI?: DownwardAPIVolumeSource;
  readonly fc?: FCVolumeSource;
  readonly azureFile?: AzureFileVolumeSource;
  readonly configMap?: ConfigMapVolumeSource;
  readonly vsphereVolume?: VsphereVirtualDiskVolumeSource;
  readonly quobyte?: QuobyteVolumeSource;
  readonly azureDisk?: AzureDiskVolumeSource;
  readonly photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  readonly portworxVolume?: PortworxVolumeSource;
  readonly scaleIO?: ScaleIOVolumeSource;
  readonly projected?: ProjectedVolumeSource;
  readonly storageos?: StorageOSVolumeSource;
  readonly csi?: CSIVolumeSource;
  readonly ephemeral?: EphemeralVolumeSource;
  readonly image?: ImageVolumeSource;
}

const volumeSource: Message<VolumeSource> = message({
  name: 'core.v1.VolumeSource',
  description: "Where a volume's files come from; exactly one must be set.",
  fields: {
    hostPath: nested(1, 'A file or directory of the node.', hostPathVolumeSource),
    emptyDir: nested(2, 'An empty directory that goes with the pod.', emptyDirVolumeSource),
    gcePersistentDisk: nested(3, "A disk of Google's cloud.", gcePersistentDiskVolumeSource, {
      refused: notServed('cloud volumes'),
    }),
    awsElasticBlockStore: nested(4, "A disk of Amazon's cloud.", awsElasticBlockStoreVolumeSource, {
      refused: notServed('cloud volumes'),
    }),
    gitRepo: nested(5, 'A clone of a git repository.', gitRepoVolumeSource, { refused: notServed('gitRepo volumes') }),
    secret: nested(6, 'Keys of a Secret as files.', secretVolumeSource),
    nfs: nested(7, 'A directory of an NFS server.', nfsVolumeSource, { refused: notServed('network volumes') }),
    iscsi: nested(8, 'A disk of an iSCSI target.', iscsiVolumeSource, { refused: notServed('network volumes') }),
    glusterfs: nested(9, 'A Gluster volume.', glusterfsVolumeSource, { refused: notServed('network volumes') }),
    persistentVolumeClaim: nested(10, 'The volume behind a claim.', persistentVolumeClaimVolumeSource, {
      refused: notServed('persistent volume claims'),
    }),
    rbd: nested(11, 'A block device of Ceph.', rbdVolumeSource, { refused: notServed('network volumes') }),
    flexVolume: nested(12, 'A volume made by an executable on the node.', flexVolumeSource, {
      refused: notServed('flex volumes'),
    }),
    cinder: nested(13, 'A volume of OpenStack.', cinderVolumeSource, { refused: notServed('cloud volumes') }),
    cephfs: nested(14, 'A directory of a Ceph file system.', cephFSVolumeSource, {
      refused: notServed('network volumes'),
    }),
    flocker: nested(15, 'A dataset of Flocker.', flockerVolumeSource, { refused: notServed('network volumes') }),
    downwardAPI: nested(16, 'Facts about the pod as files.', downwardAPIVolumeSource),
    fc: nested(17, 'A disk of a Fibre Channel target.', fcVolumeSource, { refused: notServed('network volumes') }),
    azureFile: nested(18, "A file share of Microsoft's cloud.", azureFileVolumeSource, {
      refused: notServed('cloud volumes'),
    }),
    configMap: nested(19, 'Keys of a ConfigMap as files.', configMapVolumeSource),
    vsphereVolume: nested(20, 'A disk of vSphere.', vsphereVirtualDiskVolumeSource, {
      refused: notServed('cloud volumes'),
    }),
    quobyte: nested(21, 'A Quobyte volume.', quobyteVolumeSource, { refused: notServed('network volumes') }),
    azureDisk: nested(22, "A disk of Microsoft's cloud.", azureDiskVolumeSource, {
      refused: notServed('cloud volumes'),
    }),
    photonPersistentDisk: nested(23, 'A disk of a Photon controller.', photonPersistentDiskVolumeSource, {
      refused: notServed('cloud volumes'),
    }),
    portworxVolume: nested(24, 'A Portworx volume.', portworxVolumeSource, { refused: notServed('network volumes') }),
    scaleIO: nested(25, 'A ScaleIO volume.', scaleIOVolumeSource, { refused: notServed('network volumes') }),
    projected: nested(26, 'Several sources in one directory.', projectedVolumeSource),
    storageos: nested(27, 'A StorageOS volume.', storageOSVolumeSource, { refused: notServed('network volumes') }),
    csi: nested(28, 'A volume made by a storage driver.', csiVolumeSource, { refused: notServed('CSI volumes') }),
    ephemeral: nested(29, 'A claim that goes with the pod.', ephemeralVolumeSource, {
      refused: notServed('persistent volume claims'),
    }),
    image: nested(30, 'The files of an image.', imageVolumeSource, { refused: notServed('image volumes') }),
  },
});

export interface Volume extends VolumeSource {
  readonly name: string;
}

export const volume: Message<Volume> = message({
  name: 'core.v1.Volume',
  description: 'A directory that containers of the pod can mount.',
  fields: {
    name: required(text(1, 'Names the volume within the pod.', { format: dnsLabel })),
    ...embedded(2, volumeSource),
  },
  fill: fillVolume,
  check: checkVolume,
});
