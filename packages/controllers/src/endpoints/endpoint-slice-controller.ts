import type { Endpoint, EndpointSlice, EndpointSlicePort, Node, Pod, Service, ServicePort, Stored } from '@berth/api';
import type { AnyObject, Controller, ObjectKey, Plan, View } from '../controller.ts';
import { keyOf, objectKey, splitKey } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import { isReady } from '../pod-state.ts';
import { hasSelector, podsBehind, servicesOfPod, servicesOnNode, targetPort } from './service-pods.ts';
import {
  headlessLabel,
  managedByLabel,
  managerOf,
  serviceNameLabel,
  serviceOf,
  sliceController,
} from './slice-labels.ts';
import { groupByPorts, type SliceGroup, sliceResource, sliceWrites } from './slice-writes.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

/** Lists the pods behind every service with a selector, in slices of at most 100. */
export const endpointSliceController: Controller = {
  name: 'endpoint-slice',
  watches: [
    { resource: 'services', keys: (service) => [objectKey(service)] },
    { resource: 'pods', keys: servicesOfPod },
    { resource: 'nodes', keys: servicesOnNode },
    { resource: sliceResource, keys: serviceOfSlice },
  ],
  reconcile(view, key): Plan {
    const existing = managedSlices(view, key);
    const service = view.get<Stored<Service>>('services', key);
    // Slices of a service that is gone are left to the garbage collector.
    if (service === undefined || isDeleting(service)) return { writes: [] };
    if (!hasSelector(service)) {
      return {
        writes: existing.map((slice) => ({
          kind: 'delete',
          resource: sliceResource,
          key: objectKey(slice),
          uid: slice.metadata.uid,
        })),
      };
    }
    const frame = { owner: service, labels: sliceLabels(service) };
    return { writes: sliceWrites(groupsOf(service, view), existing, frame) };
  },
};

function serviceOfSlice(slice: AnyObject): readonly ObjectKey[] {
  const service = serviceOf(slice);
  return service === undefined || managerOf(slice) !== sliceController
    ? []
    : [keyOf(slice.metadata.namespace, service)];
}

function managedSlices(view: View, key: ObjectKey): readonly Stored<EndpointSlice>[] {
  const { namespace = '', name } = splitKey(key);
  return view.labelled<Stored<EndpointSlice>>(sliceResource, namespace, {
    [serviceNameLabel]: name,
    [managedByLabel]: sliceController,
  });
}

function sliceLabels({ metadata, spec }: Stored<Service>): Readonly<Record<string, string>> {
  return {
    ...metadata.labels,
    ...(spec.clusterIP === 'None' ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: metadata.name,
    [managedByLabel]: sliceController,
  };
}

/** At least one group, so that a service without endpoints is told from one that nobody has looked at yet. */
function groupsOf(service: Stored<Service>, view: View): readonly SliceGroup[] {
  const found = podsBehind(service, view).map((pod) => ({
    endpoint: endpointOf(pod, service, view),
    ports: portsOf(pod, service.spec.ports ?? []),
  }));
  const groups = ['IPv4', 'IPv6'].flatMap((family) =>
    groupByPorts(
      family,
      found.filter(({ endpoint }) => addressFamily(endpoint.addresses[0] ?? '') === family),
    ),
  );
  return groups.length > 0
    ? groups
    : [{ addressType: service.spec.ipFamilies?.[0] ?? 'IPv4', ports: [], endpoints: [] }];
}

export function addressFamily(ip: string): 'IPv4' | 'IPv6' {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** A named port that the pod does not have is left out for this pod. */
function portsOf(pod: Stored<Pod>, ports: readonly ServicePort[]): readonly EndpointSlicePort[] {
  return ports.flatMap((port) => {
    const target = targetPort(pod, port);
    if (target === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ name, port: target, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function endpointOf(pod: Stored<Pod>, service: Stored<Service>, view: View): Endpoint {
  const serving = isReady(pod);
  const terminating = isDeleting(pod);
  const { nodeName, hostname, subdomain } = pod.spec;
  const zone = view.get<Stored<Node>>('nodes', nodeName ?? '')?.metadata.labels?.[zoneLabel];
  const { name, namespace = '', uid } = pod.metadata;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}
