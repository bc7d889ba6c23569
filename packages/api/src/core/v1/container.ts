import { required } from '../../schema/field.ts';
import { flag, int32, list, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList, mergedBy, notServed } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsLabel, portName } from '../../schema/text-formats.ts';
import { fillContainer } from './container-defaults.ts';
import { type Lifecycle, lifecycle } from './container-lifecycle.ts';
import { type Probe, probe } from './container-probe.ts';
import {
  type ContainerResizePolicy,
  containerResizePolicy,
  type ResourceRequirements,
  resourceRequirements,
} from './container-resources.ts';
import { checkContainer } from './container-validation.ts';
import { type EnvFromSource, type EnvVar, envFromSource, envVar } from './environment.ts';
import { type SecurityContext, securityContext } from './security-context.ts';
import { type VolumeDevice, type VolumeMount, volumeDevice, volumeMount } from './volume-mount.ts';

export interface ContainerPort {
  readonly name?: string;
  readonly hostPort?: number;
  readonly containerPort: number;
  readonly protocol?: string;
  readonly hostIP?: string;
}

const containerPort: Message<ContainerPort> = message({
  name: 'core.v1.ContainerPort',
  description:
    'A port on which a container listens. It documents, names, and with hostPort opens the port on the node.',
  fields: {
    name: text(1, 'Name by which services and probes may refer to the port.', { format: portName }),
    hostPort: int32(2, 'Port of the node that leads to this one.', { min: 1, max: 65535 }),
    containerPort: required(int32(3, "The port, on the pod's address.", { min: 1, max: 65535 })),
    protocol: text(4, 'Transport protocol.', { default: 'TCP', values: ['SCTP', 'TCP', 'UDP'] }),
    hostIP: text(5, 'Address of the node to bind hostPort to; empty means all.'),
  },
});

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly ports?: readonly ContainerPort[];
  readonly env?: readonly EnvVar[];
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly VolumeMount[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: Lifecycle;
  readonly terminationMessagePath?: string;
  readonly imagePullPolicy?: string;
  readonly securityContext?: SecurityContext;
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  readonly envFrom?: readonly EnvFromSource[];
  readonly terminationMessagePolicy?: string;
  readonly volumeDevices?: readonly VolumeDevice[];
  readonly startupProbe?: Probe;
  readonly resizePolicy?: readonly ContainerResizePolicy[];
  readonly restartPolicy?: string;
}

export const container: Message<Container> = message({
  name: 'core.v1.Container',
  description: 'One container of a pod.',
  fields: {
    name: required(text(1, 'Names the container within the pod.', { format: dnsLabel })),
    image: text(2, 'The image to run, e.g. nginx:1.27.'),
    command: texts(3, "Replaces the image's entrypoint. $(NAME) is replaced by variables.", atomicList),
    args: texts(
      4,
      "Arguments of the command, or of the image's entrypoint. $(NAME) is replaced by variables.",
      atomicList,
    ),
    workingDir: text(5, "Directory in which the program starts; otherwise the image's."),
    ports: list(6, 'Ports on which the container listens.', containerPort, {
      listType: 'map',
      mapKeys: ['containerPort', 'protocol'],
      patchStrategy: 'merge',
      mergeKey: 'containerPort',
    }),
    env: list(7, 'Environment variables.', envVar, mergedBy('name')),
    resources: nested(8, 'What the container needs and may use.', resourceRequirements, { default: {} }),
    volumeMounts: list(9, 'Volumes that the container sees.', volumeMount, mergedBy('mountPath')),
    livenessProbe: nested(10, 'When it fails, the container is restarted.', probe),
    readinessProbe: nested(11, 'While it fails, services send nothing here.', probe),
    lifecycle: nested(12, 'What is done after the start and before the end.', lifecycle),
    terminationMessagePath: text(13, 'File whose end becomes the message of the terminated state.', {
      default: '/dev/termination-log',
    }),
    imagePullPolicy: text(14, 'When the image is pulled. Absent: Always for the tag latest, otherwise IfNotPresent.', {
      values: ['Always', 'IfNotPresent', 'Never'],
    }),
    securityContext: nested(15, 'Rights of the container.', securityContext),
    stdin: flag(16, 'Whether standard input stays open.'),
    stdinOnce: flag(17, 'Whether standard input closes after the first client has left.'),
    tty: flag(18, 'Whether the container gets a terminal; needs stdin.'),
    envFrom: list(19, 'Sources of many variables; env goes before them.', envFromSource, atomicList),
    terminationMessagePolicy: text(
      20,
      'Where the message of a terminated container comes from when the file is empty.',
      { default: 'File', values: ['FallbackToLogsOnError', 'File'] },
    ),
    volumeDevices: list(21, 'Block devices that the container sees.', volumeDevice, {
      ...mergedBy('devicePath'),
      refused: notServed('block devices'),
    }),
    startupProbe: nested(
      22,
      'Until it succeeds, no other probe runs; when it fails, the container is restarted.',
      probe,
    ),
    resizePolicy: list(23, 'What a change of resources in place means.', containerResizePolicy, {
      ...atomicList,
      refused: 'in-place resizing is not served by Berth yet',
    }),
    restartPolicy: text(24, 'For init containers: Always makes one that keeps running (a sidecar).', {
      keepZero: true,
      values: ['Always'],
    }),
  },
  fill: fillContainer,
  check: checkContainer,
});
