import type { ContainerPort, Pod, Service, ServicePort, Stored } from '@berth/api';
import type { AnyObject, ObjectKey, View } from '../controller.ts';
import { objectKey } from '../object-key.ts';
import { isFinished } from '../pod-state.ts';

/** Whether the endpoints of a service follow from its selector; otherwise its user makes them by hand. */
export function hasSelector({ spec }: Stored<Service>): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

/** The pods behind a service that have an address, by name; also those that are on their way out. */
export function podsBehind(service: Stored<Service>, view: View): readonly Stored<Pod>[] {
  return view
    .labelled<Stored<Pod>>('pods', service.metadata.namespace ?? '', service.spec.selector ?? {})
    .filter((pod) => !isFinished(pod) && (pod.status?.podIP ?? '') !== '');
}

export function servicesOfPod(pod: AnyObject, view: View): readonly ObjectKey[] {
  const labels = pod.metadata.labels ?? {};
  return view
    .list<Stored<Service>>('services', pod.metadata.namespace)
    .filter(hasSelector)
    .filter(({ spec }) => Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value))
    .map(objectKey);
}

/** The zone of a node is part of the endpoints on it. */
export function servicesOnNode(node: AnyObject, view: View): readonly ObjectKey[] {
  const keys = view.podsOn<Stored<Pod>>(node.metadata.name).flatMap((pod) => servicesOfPod(pod, view));
  return [...new Set(keys)];
}

/** A port as this pod serves it; undefined when the pod has no container port of the name asked for. */
export function targetPort(pod: Stored<Pod>, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const protocol = port.protocol ?? 'TCP';
  return containerPorts(pod).find(({ name, protocol: other = 'TCP' }) => name === target && other === protocol)
    ?.containerPort;
}

function containerPorts({ spec }: Stored<Pod>): readonly ContainerPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(({ ports }) => ports ?? []);
}
