import type { Container, Namespace, Node, Pod, PodSpec } from '@berth/api';
import { schedulingAnnotations } from '@berth/scheduler';

/**
 * Only what the scheduler reads goes to its thread: copying whole pods would cost more than placing them. Two states of an object
 * with equal slim forms are the same to the scheduler.
 */
export function slimPod({ metadata, spec, status }: Pod): Pod {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata.name ?? '',
      namespace: metadata.namespace ?? '',
      uid: metadata.uid ?? '',
      creationTimestamp: metadata.creationTimestamp ?? '',
      ...given('deletionTimestamp', metadata.deletionTimestamp),
      ...given('labels', metadata.labels),
      ...given('annotations', slimAnnotations(metadata.annotations)),
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: slimSpec(spec),
    ...(status?.phase === undefined ? {} : { status: { phase: status.phase } }),
  };
}

function slimAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  if (annotations === undefined) return undefined;
  const read = schedulingAnnotations.flatMap((name) => {
    const value = annotations[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return read.length === 0 ? undefined : Object.fromEntries(read);
}

function slimSpec(spec: PodSpec): PodSpec {
  return {
    containers: spec.containers.map(slimContainer),
    ...given('initContainers', spec.initContainers?.map(slimContainer)),
    ...given('nodeName', spec.nodeName),
    ...given('schedulerName', spec.schedulerName),
    ...given('priority', spec.priority),
    ...given('preemptionPolicy', spec.preemptionPolicy),
    ...given('nodeSelector', spec.nodeSelector),
    ...given('affinity', spec.affinity),
    ...given('tolerations', spec.tolerations),
    ...given('topologySpreadConstraints', spec.topologySpreadConstraints),
    ...given('schedulingGates', spec.schedulingGates),
    ...given('overhead', spec.overhead),
    ...given('resources', spec.resources),
    ...given(
      'volumes',
      spec.volumes?.filter(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined),
    ),
  };
}

function slimContainer({ name, resources, ports, restartPolicy }: Container): Container {
  const hostPorts = ports?.filter(({ hostPort = 0 }) => hostPort > 0) ?? [];
  return {
    name,
    ...(resources?.requests === undefined ? {} : { resources: { requests: resources.requests } }),
    ...(hostPorts.length === 0 ? {} : { ports: hostPorts }),
    ...given('restartPolicy', restartPolicy),
  };
}

export function slimNode({ metadata, spec, status }: Node): Node {
  const allocatable = status?.allocatable ?? status?.capacity;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: metadata.name ?? '', ...given('labels', metadata.labels) },
    spec: { ...given('unschedulable', spec?.unschedulable), ...given('taints', spec?.taints) },
    ...(allocatable === undefined ? {} : { status: { allocatable } }),
  };
}

export function labelsOfNamespace({ metadata }: Namespace): Readonly<Record<string, string>> {
  return metadata.labels ?? {};
}

/** A member, or nothing where there is no value: API objects have no undefined members. */
function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };
}
