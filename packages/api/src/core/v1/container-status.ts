import { filled } from '../../schema/field.ts';
import { flag, int32, int64, integers, list, nested, quantityMap, text, time } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { type ResourceRequirements, resourceRequirements } from './container-resources.ts';

export interface ContainerStateWaiting {
  readonly reason?: string;
  readonly message?: string;
}

const containerStateWaiting: Message<ContainerStateWaiting> = message({
  name: 'core.v1.ContainerStateWaiting',
  description: 'The container is not running yet, or not again.',
  fields: {
    reason: text(1, 'Why, as one word, e.g. CrashLoopBackOff.'),
    message: text(2, 'Why, in a sentence.'),
  },
});

export interface ContainerStateRunning {
  readonly startedAt?: string;
}

const containerStateRunning: Message<ContainerStateRunning> = message({
  name: 'core.v1.ContainerStateRunning',
  description: 'The container is running.',
  fields: {
    startedAt: time(1, 'Since when.'),
  },
});

export interface ContainerStateTerminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly containerID?: string;
}

const containerStateTerminated: Message<ContainerStateTerminated> = message({
  name: 'core.v1.ContainerStateTerminated',
  description: 'The container has ended.',
  fields: {
    exitCode: filled(int32(1, 'Exit code of its program.')),
    signal: int32(2, 'Signal that ended it.'),
    reason: text(3, 'Why, as one word, e.g. Completed or OOMKilled.'),
    message: text(4, 'What it left in its termination message file.'),
    startedAt: time(5, 'When it was started.'),
    finishedAt: time(6, 'When it ended.'),
    containerID: text(7, "The engine's id of it, e.g. docker://...."),
  },
});

export interface ContainerState {
  readonly waiting?: ContainerStateWaiting;
  readonly running?: ContainerStateRunning;
  readonly terminated?: ContainerStateTerminated;
}

const containerState: Message<ContainerState> = message({
  name: 'core.v1.ContainerState',
  description: 'What a container is doing; one is set, none means waiting.',
  fields: {
    waiting: nested(1, 'Not running yet.', containerStateWaiting),
    running: nested(2, 'Running.', containerStateRunning),
    terminated: nested(3, 'Ended.', containerStateTerminated),
  },
});

export interface VolumeMountStatus {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly recursiveReadOnly?: string;
}

const volumeMountStatus: Message<VolumeMountStatus> = message({
  name: 'core.v1.VolumeMountStatus',
  description: 'How a volume was mounted.',
  fields: {
    name: filled(text(1, 'Name of the volume.')),
    mountPath: filled(text(2, 'Path in the container.')),
    readOnly: flag(3, 'Whether it cannot be written.'),
    recursiveReadOnly: text(4, 'Whether mounts below are read-only too.', { keepZero: true }),
  },
});

export interface LinuxContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups?: readonly number[];
}

const linuxContainerUser: Message<LinuxContainerUser> = message({
  name: 'core.v1.LinuxContainerUser',
  description: 'User and groups of the first process in a container.',
  fields: {
    uid: filled(int64(1, 'User id.')),
    gid: filled(int64(2, 'Group id.')),
    supplementalGroups: integers(3, 'Further groups.', atomicList),
  },
});

export interface ContainerUser {
  readonly linux?: LinuxContainerUser;
}

const containerUser: Message<ContainerUser> = message({
  name: 'core.v1.ContainerUser',
  description: 'Who the first process of a container runs as.',
  fields: {
    linux: nested(1, 'On Linux.', linuxContainerUser),
  },
});

export interface ResourceHealth {
  readonly resourceID: string;
  readonly health?: string;
}

const resourceHealth: Message<ResourceHealth> = message({
  name: 'core.v1.ResourceHealth',
  description: 'The health of one device.',
  fields: {
    resourceID: filled(text(1, 'Id of the device.')),
    health: text(2, 'Healthy, Unhealthy or Unknown.'),
  },
});

export interface ResourceStatus {
  readonly name: string;
  readonly resources?: readonly ResourceHealth[];
}

const resourceStatus: Message<ResourceStatus> = message({
  name: 'core.v1.ResourceStatus',
  description: 'The health of the devices of one resource.',
  fields: {
    name: filled(text(1, 'The resource.')),
    resources: list(2, 'Its devices.', resourceHealth, { listType: 'map', mapKeys: ['resourceID'] }),
  },
});

export interface ContainerStatus {
  readonly name: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string;
  readonly started?: boolean;
  readonly allocatedResources?: Readonly<Record<string, string>>;
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMountStatus[];
  readonly user?: ContainerUser;
  readonly allocatedResourcesStatus?: readonly ResourceStatus[];
  readonly stopSignal?: string;
}

export const containerStatus: Message<ContainerStatus> = message({
  name: 'core.v1.ContainerStatus',
  description: 'What became of a container.',
  fields: {
    name: filled(text(1, 'Name of the container.')),
    state: nested(2, 'What it is doing.', containerState, { default: {} }),
    lastState: nested(3, 'How the run before ended.', containerState, { default: {} }),
    ready: filled(flag(4, 'Whether its readiness probe says yes (or there is none and it runs).')),
    restartCount: filled(int32(5, 'How often it was restarted.', { min: 0 })),
    image: filled(text(6, 'The image as named in the pod or by the engine.')),
    imageID: filled(text(7, "The image's digest or id.")),
    containerID: text(8, "The engine's id, e.g. docker://...."),
    started: flag(9, 'Whether its startup probe has succeeded.', { keepZero: true }),
    allocatedResources: quantityMap(10, 'Resources set aside for it.'),
    resources: nested(11, 'Resources in force.', resourceRequirements),
    volumeMounts: list(12, 'How its volumes were mounted.', volumeMountStatus, mergedBy('mountPath')),
    user: nested(13, 'Who its first process runs as.', containerUser),
    allocatedResourcesStatus: list(14, 'The health of its devices.', resourceStatus, mergedBy('name')),
    stopSignal: text(15, 'The signal that would end it.', { keepZero: true }),
  },
});
