import type {
  Endpoint,
  EndpointAddress,
  EndpointSlice,
  EndpointSlicePort,
  Endpoints,
  Service,
  Stored,
} from '@berth/api';
import type { AnyObject, Controller, ObjectKey, Plan, View } from '../controller.ts';
import { keyOf, objectKey, splitKey } from '../object-key.ts';
import { isDeleting } from '../ownership.ts';
import { addressFamily } from './endpoint-slice-controller.ts';
import { isManagedEndpoints } from './endpoints-controller.ts';
import { hasSelector } from './service-pods.ts';
import { managedByLabel, managerOf, mirroringController, serviceNameLabel, serviceOf } from './slice-labels.ts';
import { groupByPorts, type SliceGroup, sliceResource, sliceWrites } from './slice-writes.ts';

const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror';
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** Gives hand-made Endpoints of services without a selector the form that nodes and newer clients read. */
export const endpointMirroringController: Controller = {
  name: 'endpoint-mirroring',
  watches: [
    { resource: 'endpoints', keys: (endpoints) => [objectKey(endpoints)] },
    { resource: 'services', keys: (service) => [objectKey(service)] },
    { resource: sliceResource, keys: endpointsOfSlice },
  ],
  reconcile(view, key): Plan {
    const endpoints = view.get<Stored<Endpoints>>('endpoints', key);
    const existing = mirroredSlices(view, key);
    if (endpoints === undefined || !isMirrored(endpoints, view.get<Stored<Service>>('services', key))) {
      return {
        writes: existing.map((slice) => ({
          kind: 'delete',
          resource: sliceResource,
          key: objectKey(slice),
          uid: slice.metadata.uid,
        })),
      };
    }
    return { writes: sliceWrites(groupsOf(endpoints), existing, frameOf(endpoints)) };
  },
};

function endpointsOfSlice(slice: AnyObject): readonly ObjectKey[] {
  const service = serviceOf(slice);
  return service === undefined || managerOf(slice) !== mirroringController
    ? []
    : [keyOf(slice.metadata.namespace, service)];
}

function mirroredSlices(view: View, key: ObjectKey): readonly Stored<EndpointSlice>[] {
  const { namespace = '', name } = splitKey(key);
  return view.labelled<Stored<EndpointSlice>>(sliceResource, namespace, {
    [serviceNameLabel]: name,
    [managedByLabel]: mirroringController,
  });
}

function isMirrored(endpoints: Stored<Endpoints>, service: Stored<Service> | undefined): boolean {
  return (
    service !== undefined &&
    !hasSelector(service) &&
    !isDeleting(endpoints) &&
    !isManagedEndpoints(endpoints) &&
    endpoints.metadata.labels?.[skipMirrorLabel] !== 'true'
  );
}

function frameOf(endpoints: Stored<Endpoints>): Parameters<typeof sliceWrites>[2] {
  const { name, labels, annotations = {} } = endpoints.metadata;
  const { [lastAppliedAnnotation]: _dropped, ...copied } = annotations;
  return {
    owner: endpoints,
    labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirroringController },
    annotations: copied,
  };
}

function groupsOf({ subsets = [] }: Stored<Endpoints>): readonly SliceGroup[] {
  const found = subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => {
    const slicePorts = ports.map(
      ({ name = '', port, protocol = 'TCP', appProtocol }): EndpointSlicePort => ({
        name,
        port,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      }),
    );
    return [
      ...addresses.map((address) => ({ endpoint: mirrored(address, true), ports: slicePorts })),
      ...notReadyAddresses.map((address) => ({ endpoint: mirrored(address, false), ports: slicePorts })),
    ];
  });
  const groups = ['IPv4', 'IPv6'].flatMap((family) =>
    groupByPorts(
      family,
      found.filter(({ endpoint }) => addressFamily(endpoint.addresses[0] ?? '') === family),
    ),
  );
  return groups.length > 0 ? groups : [];
}

function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  };
}
