import { required } from '../../schema/field.ts';
import { flag, int32, int64, list, nested, quantityMap, text, textMap } from '../../schema/field-builder.ts';
import { atomicList, mergedBy, notServed } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../schema/text-formats.ts';
import { type Container, container } from './container.ts';
import { type ResourceRequirements, resourceRequirements } from './container-resources.ts';
import { type EphemeralContainer, ephemeralContainer } from './ephemeral-container.ts';
import { type LocalObjectReference, localObjectReference } from './object-reference.ts';
import { type Affinity, affinity } from './pod-affinity.ts';
import { fillPodSpec } from './pod-defaults.ts';
import { type HostAlias, hostAlias, type PodDNSConfig, podDNSConfig } from './pod-dns.ts';
import { checkPodSpec } from './pod-spec-validation.ts';
import { type PodSecurityContext, podSecurityContext } from './security-context.ts';
import { type Toleration, toleration } from './taint.ts';
import { type TopologySpreadConstraint, topologySpreadConstraint } from './topology-spread.ts';
import { type Volume, volume } from './volume.ts';

export interface PodReadinessGate {
  readonly conditionType: string;
}

const podReadinessGate: Message<PodReadinessGate> = message({
  name: 'core.v1.PodReadinessGate',
  description: 'A condition that must be true before the pod counts as ready.',
  fields: {
    conditionType: required(text(1, 'Type of the condition.', { format: qualifiedName })),
  },
});

export interface PodSchedulingGate {
  readonly name: string;
}

const podSchedulingGate: Message<PodSchedulingGate> = message({
  name: 'core.v1.PodSchedulingGate',
  description: 'While there is one, the pod is not scheduled.',
  fields: {
    name: required(text(1, 'Names the gate.', { format: qualifiedName })),
  },
});

export interface PodOS {
  readonly name: string;
}

const podOS: Message<PodOS> = message({
  name: 'core.v1.PodOS',
  description: 'The operating system of a pod.',
  fields: {
    name: required(text(1, 'Its name.', { values: ['linux', 'windows'] })),
  },
});

export interface PodResourceClaim {
  readonly name: string;
  readonly resourceClaimName?: string;
  readonly resourceClaimTemplateName?: string;
}

const podResourceClaim: Message<PodResourceClaim> = message({
  name: 'core.v1.PodResourceClaim',
  description: 'A claim on devices.',
  fields: {
    name: required(text(1, 'Names the claim within the pod.', { format: dnsLabel })),
    resourceClaimName: text(3, 'An existing claim.', { keepZero: true }),
    resourceClaimTemplateName: text(4, 'A template from which a claim is made.', { keepZero: true }),
  },
});

export interface PodSpec {
  readonly volumes?: readonly Volume[];
  readonly containers: readonly Container[];
  readonly restartPolicy?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly dnsPolicy?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly serviceAccountName?: string;
  readonly serviceAccount?: string;
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: PodSecurityContext;
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly affinity?: Affinity;
  readonly schedulerName?: string;
  readonly initContainers?: readonly Container[];
  readonly automountServiceAccountToken?: boolean;
  readonly tolerations?: readonly Toleration[];
  readonly hostAliases?: readonly HostAlias[];
  readonly priorityClassName?: string;
  readonly priority?: number;
  readonly dnsConfig?: PodDNSConfig;
  readonly shareProcessNamespace?: boolean;
  readonly readinessGates?: readonly PodReadinessGate[];
  readonly runtimeClassName?: string;
  readonly enableServiceLinks?: boolean;
  readonly preemptionPolicy?: string;
  readonly overhead?: Readonly<Record<string, string>>;
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  readonly ephemeralContainers?: readonly EphemeralContainer[];
  readonly setHostnameAsFQDN?: boolean;
  readonly os?: PodOS;
  readonly hostUsers?: boolean;
  readonly schedulingGates?: readonly PodSchedulingGate[];
  readonly resourceClaims?: readonly PodResourceClaim[];
  readonly resources?: ResourceRequirements;
}

export const podSpec: Message<PodSpec> = message({
  name: 'core.v1.PodSpec',
  description: 'What a pod is to be.',
  fields: {
    volumes: list(1, 'Directories that containers can mount.', volume, {
      ...mergedBy('name'),
      patchStrategy: 'merge,retainKeys',
      unique: 'name',
    }),
    containers: required(list(2, 'Containers that run side by side; at least one.', container, mergedBy('name'))),
    restartPolicy: text(3, 'Whether containers that ended are started again.', {
      default: 'Always',
      values: ['Always', 'OnFailure', 'Never'],
    }),
    terminationGracePeriodSeconds: int64(4, 'Time between the stop signal and the kill signal.', {
      keepZero: true,
      default: 30,
      min: 0,
    }),
    activeDeadlineSeconds: int64(5, 'Time after which a pod that still runs is ended as failed.', {
      keepZero: true,
      min: 1,
      max: 2147483647,
    }),
    dnsPolicy: text(6, 'How names are resolved.', {
      default: 'ClusterFirst',
      values: ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'],
    }),
    nodeSelector: textMap(7, 'Labels that the node must have.', { atomic: true }),
    serviceAccountName: text(8, 'The identity of the pod within the cluster.', { format: dnsSubdomain }),
    serviceAccount: text(9, 'Old name of serviceAccountName.'),
    nodeName: text(10, 'The node the pod runs on; set by the scheduler, or by hand to go past it.', {
      format: dnsSubdomain,
    }),
    hostNetwork: flag(11, "Whether the pod shares the node's network."),
    hostPID: flag(12, "Whether the pod sees the node's processes."),
    hostIPC: flag(13, "Whether the pod shares the node's shared memory and queues."),
    securityContext: nested(14, 'Rights of all containers.', podSecurityContext, { default: {} }),
    imagePullSecrets: list(15, 'Secrets for the registries of the images.', localObjectReference, mergedBy('name')),
    hostname: text(16, 'Host name of the pod; otherwise its name.', { format: dnsLabel }),
    subdomain: text(
      17,
      'With a headless service of this name, the pod gets the DNS name hostname.subdomain.namespace.svc.DOMAIN.',
      { format: dnsLabel },
    ),
    affinity: nested(18, 'Where the pod may or should run.', affinity),
    schedulerName: text(19, 'Who places the pod.', { default: 'default-scheduler', format: dnsSubdomain }),
    initContainers: list(
      20,
      'Containers that run to their end one after the other before the others start.',
      container,
      mergedBy('name'),
    ),
    automountServiceAccountToken: flag(21, 'Whether a token of the service account is mounted.', { keepZero: true }),
    tolerations: list(22, 'Taints that do not keep the pod away.', toleration, atomicList),
    hostAliases: list(23, "Lines of the pod's hosts file.", hostAlias, mergedBy('ip')),
    priorityClassName: text(24, 'Class that gives the priority.', { format: dnsSubdomain }),
    priority: int32(25, 'Higher goes first, and may displace lower. Set by the server.', { keepZero: true }),
    dnsConfig: nested(26, 'Resolver settings besides dnsPolicy.', podDNSConfig),
    shareProcessNamespace: flag(27, "Whether containers see each other's processes.", { keepZero: true }),
    readinessGates: list(
      28,
      'Conditions that must be true besides those of the containers.',
      podReadinessGate,
      atomicList,
    ),
    runtimeClassName: text(29, 'A class of container engines.', {
      keepZero: true,
      refused: notServed('runtime classes'),
    }),
    enableServiceLinks: flag(30, 'Whether containers get environment variables that describe services.', {
      keepZero: true,
    }),
    preemptionPolicy: text(31, 'Whether the pod may displace others.', {
      keepZero: true,
      values: ['Never', 'PreemptLowerPriority'],
    }),
    overhead: quantityMap(32, 'Resources that the pod takes besides its containers.', {
      refused: notServed('runtime classes'),
    }),
    topologySpreadConstraints: list(33, 'How pods are spread over places.', topologySpreadConstraint, {
      listType: 'map',
      mapKeys: ['topologyKey', 'whenUnsatisfiable'],
      patchStrategy: 'merge',
      mergeKey: 'topologyKey',
    }),
    ephemeralContainers: list(34, 'Containers added for debugging.', ephemeralContainer, mergedBy('name')),
    setHostnameAsFQDN: flag(35, 'Whether the host name is the full DNS name.', {
      keepZero: true,
    }),
    os: nested(36, 'The operating system that the pod needs.', podOS),
    hostUsers: flag(37, 'False gives the pod user ids of its own.', { keepZero: true }),
    schedulingGates: list(38, 'While there is one, the pod is not scheduled.', podSchedulingGate, {
      ...mergedBy('name'),
      unique: 'name',
    }),
    resourceClaims: list(39, 'Claims on devices.', podResourceClaim, {
      ...mergedBy('name'),
      patchStrategy: 'merge,retainKeys',
      refused: notServed('resource claims'),
    }),
    resources: nested(40, 'What the pod as a whole needs and may use.', resourceRequirements, {
      refused: notServed('resources of the pod as a whole'),
    }),
  },
  fill: fillPodSpec,
  check: checkPodSpec,
});
