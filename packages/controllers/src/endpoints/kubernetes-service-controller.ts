import type { Endpoint, EndpointSlice, Endpoints, Service, Stored } from '@berth/api';
import type { ApiServerAddress, Controller, NewObject, ObjectKey, Plan, View, Write } from '../controller.ts';
import { compareText, keyOf, objectKey } from '../object-key.ts';
import { sameValue } from '../sameness.ts';
import type { ControllerSettings } from '../settings.ts';
import { addressFamily } from './endpoint-slice-controller.ts';
import { serviceNameLabel, serviceOf } from './slice-labels.ts';
import { sliceResource } from './slice-writes.ts';

const namespace = 'default';
const name = 'kubernetes';
const key = keyOf(namespace, name);
const portName = 'https';
/** How often the list of servers is looked at, as in Kubernetes. */
const serverCheckMs = 10_000;
/** The servers' own slices carry no manager label in Kubernetes either; the mirroring controller must leave them alone. */
const skipMirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };

/** How programs inside the cluster find the API: the service `kubernetes` and the addresses of all servers. */
export function kubernetesServiceController(settings: Pick<ControllerSettings, 'kubernetesServiceIp'>): Controller {
  const own = (object: {
    readonly metadata: { readonly name?: string; readonly namespace?: string };
  }): readonly ObjectKey[] => (object.metadata.namespace === namespace && object.metadata.name === name ? [key] : []);
  return {
    name: 'kubernetes-service',
    watches: [
      { resource: 'namespaces', keys: ({ metadata }) => (metadata.name === namespace ? [key] : []) },
      { resource: 'services', keys: own },
      { resource: 'endpoints', keys: own },
      {
        resource: sliceResource,
        keys: (slice) => (slice.metadata.namespace === namespace && serviceOf(slice) === name ? [key] : []),
      },
    ],
    reconcile(view): Plan {
      if (view.get('namespaces', namespace) === undefined) return { writes: [] };
      const groups = groupByPort(view.apiServers());
      return {
        writes: [
          ...serviceWrites(view, settings.kubernetesServiceIp, groups[0]?.port),
          ...endpointsWrites(view, groups),
          ...sliceWrites(view, groups),
        ],
        requeueAfterMs: serverCheckMs,
      };
    },
  };
}

interface PortGroup {
  readonly port: number;
  readonly ips: readonly string[];
}

/** A loopback address means nothing inside a pod, and the API refuses it in endpoints. */
function groupByPort(servers: readonly ApiServerAddress[]): readonly PortGroup[] {
  const reachable = servers.filter(({ ip }) => !ip.startsWith('127.') && ip !== '::1');
  const ports = [...new Set(reachable.map(({ port }) => port))].sort((left, right) => left - right);
  return ports.map((port) => ({
    port,
    ips: [...new Set(reachable.filter((server) => server.port === port).map(({ ip }) => ip))].sort(compareText),
  }));
}

function serviceWrites(view: View, clusterIP: string, targetPort = 6443): readonly Write[] {
  if (view.get('services', key) !== undefined) return [];
  const object: NewObject & Pick<Service, 'spec'> = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      ports: [{ name: portName, protocol: 'TCP', port: 443, targetPort }],
      sessionAffinity: 'None',
    },
  };
  return [{ kind: 'create', resource: 'services', object }];
}

function endpointsWrites(view: View, groups: readonly PortGroup[]): readonly Write[] {
  const subsets = groups.map(({ port, ips }) => ({
    addresses: ips.map((ip) => ({ ip })),
    ports: [{ name: portName, port, protocol: 'TCP' }],
  }));
  const existing = view.get<Stored<Endpoints>>('endpoints', key);
  if (existing === undefined) {
    const metadata = { name, namespace, labels: skipMirror };
    const object: Endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets };
    return [{ kind: 'create', resource: 'endpoints', object }];
  }
  if (sameValue(existing.subsets, subsets)) return [];
  const object: Stored<Endpoints> = { ...existing, subsets };
  return [{ kind: 'update', resource: 'endpoints', object }];
}

/** One slice per port: `kubernetes` for the lowest, `kubernetes-<port>` for others. */
function sliceWrites(view: View, groups: readonly PortGroup[]): readonly Write[] {
  const existing = view.labelled<Stored<EndpointSlice>>(sliceResource, namespace, { [serviceNameLabel]: name });
  const wanted = new Map(groups.map((group, at) => [at === 0 ? name : `${name}-${group.port}`, group]));
  const outdated = existing.filter(({ metadata }) => !wanted.has(metadata.name));
  return [
    ...[...wanted].flatMap(([sliceName, group]) => {
      return sliceWrite(
        existing.find(({ metadata }) => metadata.name === sliceName),
        sliceName,
        group,
      );
    }),
    ...outdated.map(
      (slice): Write => ({ kind: 'delete', resource: sliceResource, key: objectKey(slice), uid: slice.metadata.uid }),
    ),
  ];
}

function sliceWrite(
  existing: Stored<EndpointSlice> | undefined,
  sliceName: string,
  { port, ips }: PortGroup,
): readonly Write[] {
  const endpoints = ips.map((ip): Endpoint => ({ addresses: [ip], conditions: { ready: true } }));
  const content = { endpoints, ports: [{ name: portName, port, protocol: 'TCP' }] };
  if (existing === undefined) {
    const object: EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: sliceName, namespace, labels: { [serviceNameLabel]: name } },
      addressType: addressFamily(ips[0] ?? ''),
      ...content,
    };
    return [{ kind: 'create', resource: sliceResource, object }];
  }
  if (sameValue({ endpoints: existing.endpoints, ports: existing.ports }, content)) return [];
  const object: Stored<EndpointSlice> = { ...existing, ...content };
  return [{ kind: 'update', resource: sliceResource, object }];
}
