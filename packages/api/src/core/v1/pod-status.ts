import { required } from '../../schema/field.ts';
import { int64, list, text, time } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { type ContainerStatus, containerStatus } from './container-status.ts';

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly lastProbeTime?: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

const podCondition: Message<PodCondition> = message({
  name: 'core.v1.PodCondition',
  description: 'One observation about a pod.',
  fields: {
    type: required(text(1, 'What is observed: PodScheduled, Initialized, ContainersReady, Ready, or another.')),
    status: required(text(2, 'Whether it is so.', { values: ['False', 'True', 'Unknown'] })),
    lastProbeTime: time(3, 'When it was last looked at.'),
    lastTransitionTime: time(4, 'When status last changed.'),
    reason: text(5, 'Why, as one word.'),
    message: text(6, 'Why, in a sentence.'),
    observedGeneration: int64(7, 'Generation of the pod that was observed.'),
  },
});

export interface PodIP {
  readonly ip: string;
}

const podIP: Message<PodIP> = message({
  name: 'core.v1.PodIP',
  description: 'An address of a pod.',
  fields: {
    ip: required(text(1, 'The address.')),
  },
});

export interface HostIP {
  readonly ip: string;
}

const hostIP: Message<HostIP> = message({
  name: 'core.v1.HostIP',
  description: 'An address of a node.',
  fields: {
    ip: required(text(1, 'The address.')),
  },
});

export interface PodResourceClaimStatus {
  readonly name: string;
  readonly resourceClaimName?: string;
}

const podResourceClaimStatus: Message<PodResourceClaimStatus> = message({
  name: 'core.v1.PodResourceClaimStatus',
  description: 'Which claim was made for a pod.',
  fields: {
    name: required(text(1, 'Name of the entry of resourceClaims.')),
    resourceClaimName: text(2, 'The claim.', { keepZero: true }),
  },
});

export interface PodStatus {
  readonly phase?: string;
  readonly conditions?: readonly PodCondition[];
  readonly message?: string;
  readonly reason?: string;
  readonly hostIP?: string;
  readonly podIP?: string;
  readonly startTime?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly qosClass?: string;
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly nominatedNodeName?: string;
  readonly podIPs?: readonly PodIP[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
  readonly resize?: string;
  readonly resourceClaimStatuses?: readonly PodResourceClaimStatus[];
  readonly hostIPs?: readonly HostIP[];
  readonly observedGeneration?: number;
}

export const podStatus: Message<PodStatus> = message({
  name: 'core.v1.PodStatus',
  description: 'What became of a pod.',
  fields: {
    phase: text(
      1,
      'Pending until all containers were started once, Running, then Succeeded or Failed; Unknown when nobody can say.',
      { values: ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'] },
    ),
    conditions: list(2, 'Observations about the pod.', podCondition, mergedBy('type')),
    message: text(3, 'Why it is so, in a sentence.'),
    reason: text(4, 'Why it is so, as one word, e.g. Evicted or NodeLost.'),
    hostIP: text(5, 'Address of the node.'),
    podIP: text(6, 'Address of the pod.'),
    startTime: time(7, 'When its node took it over.'),
    containerStatuses: list(8, 'What became of its containers.', containerStatus, atomicList),
    qosClass: text(9, 'Guaranteed, Burstable or BestEffort, by its requests and limits.', {
      values: ['BestEffort', 'Burstable', 'Guaranteed'],
    }),
    initContainerStatuses: list(10, 'What became of its init containers.', containerStatus, atomicList),
    nominatedNodeName: text(11, 'Node on which pods are being displaced for it.'),
    podIPs: list(12, 'All addresses of the pod.', podIP, mergedBy('ip')),
    ephemeralContainerStatuses: list(13, 'What became of its debugging containers.', containerStatus, atomicList),
    resize: text(14, 'Progress of a change of resources in place.'),
    resourceClaimStatuses: list(15, 'Claims made for it.', podResourceClaimStatus, {
      ...mergedBy('name'),
      patchStrategy: 'merge,retainKeys',
    }),
    hostIPs: list(16, 'All addresses of the node.', hostIP, { ...atomicList, patchStrategy: 'merge', mergeKey: 'ip' }),
    observedGeneration: int64(17, 'Generation of the pod that its node has seen.'),
  },
});
