import type { Endpoint, EndpointSlice, Node, Service, ServicePort } from '@berth/api';
import type { agentV1 } from '@berth/wire';

const serviceNameLabel = 'kubernetes.io/service-name';

export interface NetworkState {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly nodes: readonly Node[];
}

/** The table without its version: equal states give equal tables, whatever the order of their lists. */
export function networkTable(state: NetworkState): Omit<agentV1.NetworkTable, 'version'> {
  const slices = state.slices
    .filter((slice) => slice.addressType === 'IPv4')
    .sort((a, b) => order(a.metadata.name ?? '', b.metadata.name ?? ''));
  const slicesOf = Map.groupBy(
    slices,
    (slice) => `${slice.metadata.namespace}/${slice.metadata.labels?.[serviceNameLabel]}`,
  );
  const services = state.services.map((service) => serviceEntry(service, slicesOf.get(objectKey(service)) ?? []));
  return {
    services: services.toSorted((a, b) => order(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`)),
    routes: state.nodes.flatMap(nodeRoute).toSorted((a, b) => order(a.nodeName, b.nodeName)),
  };
}

function serviceEntry(service: Service, slices: readonly EndpointSlice[]): agentV1.ServiceEntry {
  const { metadata, spec } = service;
  const isExternalName = spec.type === 'ExternalName';
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    clusterIp: isExternalName || spec.clusterIP === 'None' ? '' : (spec.clusterIP ?? ''),
    ports: isExternalName ? [] : servicePorts(spec.ports ?? [], slices),
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
    externalName: isExternalName ? (spec.externalName ?? '') : '',
    publishNotReadyAddresses: spec.publishNotReadyAddresses ?? false,
    externalIps: [...(spec.externalIPs ?? [])],
    externalTrafficPolicy: spec.externalTrafficPolicy ?? 'Cluster',
    internalTrafficPolicy: spec.internalTrafficPolicy ?? 'Cluster',
  };
}

/** Of a service without ports the addresses still matter to DNS: they stand under port 0. */
const noPort: ServicePort = { port: 0 };

function servicePorts(ports: readonly ServicePort[], slices: readonly EndpointSlice[]): agentV1.ServicePort[] {
  return (ports.length === 0 ? [noPort] : ports).map((port) => ({
    name: port.name ?? '',
    protocol: port.protocol ?? 'TCP',
    port: port.port,
    nodePort: port.nodePort ?? 0,
    endpoints: endpointsOf(port, slices),
  }));
}

/** Ports of slices belong to the port of the service that has the same name. */
function endpointsOf(port: ServicePort, slices: readonly EndpointSlice[]): agentV1.Endpoint[] {
  // During an update of slices the same endpoint may stand in two: the later object in the order of names wins.
  const endpoints = new Map<string, agentV1.Endpoint>();
  for (const slice of slices) {
    const numbers =
      port === noPort
        ? [0]
        : (slice.ports ?? []).filter(({ name }) => (name ?? '') === (port.name ?? '')).map((entry) => entry.port ?? 0);
    for (const number of numbers)
      for (const endpoint of slice.endpoints ?? [])
        for (const ip of endpoint.addresses) endpoints.set(`${ip}:${number}`, networkEndpoint(endpoint, ip, number));
  }
  return [...endpoints.values()].sort((a, b) => order(a.ip, b.ip) || a.port - b.port);
}

function networkEndpoint(endpoint: Endpoint, ip: string, port: number): agentV1.Endpoint {
  // An absent condition means ready, see discovery.k8s.io/v1 EndpointConditions.
  const ready = endpoint.conditions?.ready ?? true;
  return {
    ip,
    port,
    ready,
    serving: endpoint.conditions?.serving ?? ready,
    terminating: endpoint.conditions?.terminating ?? false,
    nodeName: endpoint.nodeName ?? '',
    hostname: endpoint.hostname ?? '',
    zone: endpoint.zone ?? '',
  };
}

function nodeRoute(node: Node): readonly agentV1.NodeRoute[] {
  const nodeIp = node.status?.addresses?.find((address) => address.type === 'InternalIP')?.address;
  const podCidr = node.spec.podCIDR;
  if (nodeIp === undefined || podCidr === undefined || podCidr === '') return [];
  return [{ nodeName: node.metadata.name ?? '', nodeIp, podCidr }];
}

function objectKey(object: Service): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
