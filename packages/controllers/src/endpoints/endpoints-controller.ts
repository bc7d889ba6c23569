import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Pod, Service, Stored } from '@berth/api';
import type { Controller, Plan, Write } from '../controller.ts';
import { compareText, objectKey } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import { isReady } from '../pod-state.ts';
import { sameValue } from '../sameness.ts';
import { hasSelector, podsBehind, servicesOfPod, targetPort } from './service-pods.ts';
import { headlessLabel } from './slice-labels.ts';

const endpointsManagedBy = 'endpoints.kubernetes.io/managed-by';
const endpointsController = 'endpoint-controller';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';

/** The old form cannot be split: Kubernetes cuts it here and says so in an annotation. */
const addressesMax = 1_000;

/** Made by the controller below, not by a user's hand. */
export function isManagedEndpoints({ metadata }: Stored<Endpoints>): boolean {
  return metadata.labels?.[endpointsManagedBy] === endpointsController;
}

/** Keeps the old form of endpoints, one object of the service's name, for clients that still read it. */
export const endpointsObjectController: Controller = {
  name: 'endpoints',
  watches: [
    { resource: 'services', keys: (service) => [objectKey(service)] },
    { resource: 'endpoints', keys: (endpoints) => [objectKey(endpoints)] },
    { resource: 'pods', keys: servicesOfPod },
  ],
  reconcile(view, key): Plan {
    const existing = view.get<Stored<Endpoints>>('endpoints', key);
    const service = view.get<Stored<Service>>('services', key);
    if (service === undefined)
      return { writes: existing !== undefined && isManagedEndpoints(existing) ? [removal(existing)] : [] };
    if (isDeleting(service) || !hasSelector(service)) return { writes: [] };
    return { writes: endpointsWrites(service, podsBehind(service, view), existing) };
  },
};

function removal(endpoints: Stored<Endpoints>): Write {
  return { kind: 'delete', resource: 'endpoints', key: objectKey(endpoints), uid: endpoints.metadata.uid };
}

function endpointsWrites(
  service: Stored<Service>,
  pods: readonly Stored<Pod>[],
  existing: Stored<Endpoints> | undefined,
): readonly Write[] {
  const served = pods.filter((pod) => !isDeleting(pod));
  const subsets = subsetsOf(service, served.slice(0, addressesMax));
  const own = {
    labels: {
      ...service.metadata.labels,
      ...(service.spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
      [endpointsManagedBy]: endpointsController,
    },
    annotations: served.length > addressesMax ? { [overCapacity]: 'truncated' } : {},
  };
  const shape = { apiVersion: 'v1', kind: 'Endpoints', ...(subsets.length === 0 ? {} : { subsets }) };
  if (existing === undefined) {
    const { name, namespace = '' } = service.metadata;
    const object: Endpoints = { ...shape, metadata: { name, namespace, ...own } };
    return [{ kind: 'create', resource: 'endpoints', object }];
  }
  const { labels = {}, annotations = {} } = existing.metadata;
  if (sameValue({ labels, annotations }, own) && sameValue(existing.subsets, subsets)) return [];
  const object: Stored<Endpoints> = { ...shape, metadata: { ...existing.metadata, ...own } };
  return [{ kind: 'update', resource: 'endpoints', object }];
}

/** Addresses with the same ports share a subset; subsets are in the order of their ports, addresses in that of their IPs. */
function subsetsOf(service: Stored<Service>, pods: readonly Stored<Pod>[]): readonly EndpointSubset[] {
  const byPorts = new Map<
    string,
    { ports: readonly EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }
  >();
  for (const pod of pods) {
    const ports = portsOf(pod, service);
    const id = JSON.stringify(ports);
    const group = byPorts.get(id) ?? { ports, ready: [], notReady: [] };
    const isServed = service.spec.publishNotReadyAddresses === true || isReady(pod);
    (isServed ? group.ready : group.notReady).push(addressOf(pod, service));
    byPorts.set(id, group);
  }
  const byIp = (left: EndpointAddress, right: EndpointAddress): number => compareText(left.ip, right.ip);
  return [...byPorts]
    .sort(([left], [right]) => compareText(left, right))
    .map(([, { ports, ready, notReady }]) => ({
      ...(ready.length === 0 ? {} : { addresses: ready.sort(byIp) }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady.sort(byIp) }),
      ...(ports.length === 0 ? {} : { ports }),
    }));
}

function portsOf(pod: Stored<Pod>, service: Stored<Service>): readonly EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((port) => {
    const target = targetPort(pod, port);
    if (target === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = port;
    return [
      {
        ...(name === undefined || name === '' ? {} : { name }),
        port: target,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      },
    ];
  });
}

function addressOf(pod: Stored<Pod>, service: Stored<Service>): EndpointAddress {
  const { nodeName, hostname, subdomain } = pod.spec;
  const { name, namespace = '', uid } = pod.metadata;
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}
