import { filled, required } from '../../schema/field.ts';
import { flag, int32, int64, list, nested, quantityMap, text, texts, time } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { fillNodeStatus } from './node-defaults.ts';

export interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

const nodeCondition: Message<NodeCondition> = message({
  name: 'core.v1.NodeCondition',
  description: 'One observation about a node.',
  fields: {
    type: required(text(1, 'What is observed: Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable.')),
    status: required(text(2, 'Whether it is so.', { values: ['False', 'True', 'Unknown'] })),
    lastHeartbeatTime: time(3, 'When it was last confirmed.'),
    lastTransitionTime: time(4, 'When status last changed.'),
    reason: text(5, 'Why, as one word.'),
    message: text(6, 'Why, in a sentence.'),
  },
});

export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

const nodeAddress: Message<NodeAddress> = message({
  name: 'core.v1.NodeAddress',
  description: 'An address of a node.',
  fields: {
    type: required(text(1, 'What kind of address: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.')),
    address: required(text(2, 'The address.')),
  },
});

export interface DaemonEndpoint {
  readonly Port: number;
}

const daemonEndpoint: Message<DaemonEndpoint> = message({
  name: 'core.v1.DaemonEndpoint',
  description: 'A port on a node.',
  fields: {
    Port: filled(int32(1, 'The port.')),
  },
});

export interface NodeDaemonEndpoints {
  readonly kubeletEndpoint?: DaemonEndpoint;
}

const nodeDaemonEndpoints: Message<NodeDaemonEndpoints> = message({
  name: 'core.v1.NodeDaemonEndpoints',
  description: "Ports of the node's own programs.",
  fields: {
    kubeletEndpoint: nested(1, 'Port of the node agent.', daemonEndpoint, { default: { Port: 0 } }),
  },
});

export interface NodeSwapStatus {
  readonly capacity?: number;
}

const nodeSwapStatus: Message<NodeSwapStatus> = message({
  name: 'core.v1.NodeSwapStatus',
  description: 'Swap space of a node.',
  fields: {
    capacity: int64(1, 'Its size in bytes.', { keepZero: true }),
  },
});

export interface NodeSystemInfo {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  readonly kubeProxyVersion: string;
  readonly operatingSystem: string;
  readonly architecture: string;
  readonly swap?: NodeSwapStatus;
}

const nodeSystemInfo: Message<NodeSystemInfo> = message({
  name: 'core.v1.NodeSystemInfo',
  description: 'What a node consists of.',
  fields: {
    machineID: filled(text(1, 'Id of the machine, from /etc/machine-id.')),
    systemUUID: filled(text(2, 'Id of the hardware.')),
    bootID: filled(text(3, 'Id of the last start.')),
    kernelVersion: filled(text(4, 'Version of the kernel.')),
    osImage: filled(text(5, 'Name and version of the distribution.')),
    containerRuntimeVersion: filled(text(6, 'Name and version of the container engine, e.g. docker://20.10.24.')),
    kubeletVersion: filled(text(7, 'Version of the node agent.')),
    kubeProxyVersion: filled(text(8, 'Not used any more.')),
    operatingSystem: filled(text(9, 'The operating system, e.g. linux.')),
    architecture: filled(text(10, 'The processor architecture, e.g. amd64.')),
    swap: nested(11, 'Swap space.', nodeSwapStatus),
  },
});

export interface ContainerImage {
  readonly names?: readonly string[];
  readonly sizeBytes?: number;
}

const containerImage: Message<ContainerImage> = message({
  name: 'core.v1.ContainerImage',
  description: 'An image on a node.',
  fields: {
    names: texts(1, 'Its names and digests.', atomicList),
    sizeBytes: int64(2, 'Its size.'),
  },
});

export interface AttachedVolume {
  readonly name: string;
  readonly devicePath: string;
}

const attachedVolume: Message<AttachedVolume> = message({
  name: 'core.v1.AttachedVolume',
  description: 'A volume attached to a node.',
  fields: {
    name: required(text(1, 'Name of the volume.')),
    devicePath: required(text(2, 'Path of its device.')),
  },
});

export interface ConfigMapNodeConfigSource {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly kubeletConfigKey: string;
}

const configMapNodeConfigSource: Message<ConfigMapNodeConfigSource> = message({
  name: 'core.v1.ConfigMapNodeConfigSource',
  description: 'A ConfigMap with settings of a node; not used any more.',
  fields: {
    namespace: required(text(1, 'Its namespace.')),
    name: required(text(2, 'Its name.')),
    uid: text(3, 'Its uid.'),
    resourceVersion: text(4, 'Its version.'),
    kubeletConfigKey: required(text(5, 'The key.')),
  },
});

export interface NodeConfigSource {
  readonly configMap?: ConfigMapNodeConfigSource;
}

export const nodeConfigSource: Message<NodeConfigSource> = message({
  name: 'core.v1.NodeConfigSource',
  description: 'Where settings of a node come from; not used any more.',
  fields: {
    configMap: nested(2, 'A ConfigMap.', configMapNodeConfigSource),
  },
});

export interface NodeConfigStatus {
  readonly assigned?: NodeConfigSource;
  readonly active?: NodeConfigSource;
  readonly lastKnownGood?: NodeConfigSource;
  readonly error?: string;
}

const nodeConfigStatus: Message<NodeConfigStatus> = message({
  name: 'core.v1.NodeConfigStatus',
  description: 'Which settings a node uses; not used any more.',
  fields: {
    assigned: nested(1, 'Those it is to use.', nodeConfigSource),
    active: nested(2, 'Those it uses.', nodeConfigSource),
    lastKnownGood: nested(3, 'Those that last worked.', nodeConfigSource),
    error: text(4, 'What went wrong.'),
  },
});

export interface NodeRuntimeHandlerFeatures {
  readonly recursiveReadOnlyMounts?: boolean;
  readonly userNamespaces?: boolean;
}

const nodeRuntimeHandlerFeatures: Message<NodeRuntimeHandlerFeatures> = message({
  name: 'core.v1.NodeRuntimeHandlerFeatures',
  description: 'What an engine can do.',
  fields: {
    recursiveReadOnlyMounts: flag(1, 'Whether it can make mounts below read-only.', { keepZero: true }),
    userNamespaces: flag(2, 'Whether it can give pods user ids of their own.', { keepZero: true }),
  },
});

export interface NodeRuntimeHandler {
  readonly name?: string;
  readonly features?: NodeRuntimeHandlerFeatures;
}

const nodeRuntimeHandler: Message<NodeRuntimeHandler> = message({
  name: 'core.v1.NodeRuntimeHandler',
  description: 'An engine of a node.',
  fields: {
    name: text(1, 'Its name; empty is the default one.', { keepZero: true }),
    features: nested(2, 'What it can do.', nodeRuntimeHandlerFeatures),
  },
});

export interface NodeFeatures {
  readonly supplementalGroupsPolicy?: boolean;
}

const nodeFeatures: Message<NodeFeatures> = message({
  name: 'core.v1.NodeFeatures',
  description: 'What a node can do.',
  fields: {
    supplementalGroupsPolicy: flag(1, 'Whether supplementalGroupsPolicy is honoured.', { keepZero: true }),
  },
});

export interface NodeStatus {
  readonly capacity?: Readonly<Record<string, string>>;
  readonly allocatable?: Readonly<Record<string, string>>;
  readonly phase?: string;
  readonly conditions?: readonly NodeCondition[];
  readonly addresses?: readonly NodeAddress[];
  readonly daemonEndpoints?: NodeDaemonEndpoints;
  readonly nodeInfo?: NodeSystemInfo;
  readonly images?: readonly ContainerImage[];
  readonly volumesInUse?: readonly string[];
  readonly volumesAttached?: readonly AttachedVolume[];
  readonly config?: NodeConfigStatus;
  readonly runtimeHandlers?: readonly NodeRuntimeHandler[];
  readonly features?: NodeFeatures;
}

export const nodeStatus: Message<NodeStatus> = message({
  name: 'core.v1.NodeStatus',
  description: 'What a node has and how it is.',
  fields: {
    capacity: quantityMap(1, 'All resources of the node.'),
    allocatable: quantityMap(2, 'Resources for pods; otherwise the capacity.'),
    phase: text(3, 'Not used any more.'),
    conditions: list(4, 'Observations about the node.', nodeCondition, mergedBy('type')),
    addresses: list(5, 'How to reach the node.', nodeAddress, mergedBy('type')),
    daemonEndpoints: nested(6, 'Ports of its programs.', nodeDaemonEndpoints, { default: {} }),
    nodeInfo: nested(7, 'What it consists of.', nodeSystemInfo),
    images: list(8, 'Images that are there.', containerImage, atomicList),
    volumesInUse: texts(9, 'Volumes in use.', atomicList),
    volumesAttached: list(10, 'Volumes attached.', attachedVolume, atomicList),
    config: nested(11, 'Not used any more.', nodeConfigStatus),
    runtimeHandlers: list(12, 'Its engines.', nodeRuntimeHandler, atomicList),
    features: nested(13, 'What it can do.', nodeFeatures),
  },
  fill: fillNodeStatus,
});
