import type { FaultList } from '../../errors/fault-list.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import type { Draft } from '../../schema/message.ts';
import type { Service } from './service.ts';
import type { ServicePort, ServiceSpec } from './service-spec.ts';

/** What the server adds to a new service; addresses and node ports are allocated by the registry. */
export function prepareService(service: Draft<Service>): void {
  service.status = { loadBalancer: {} };
  fillFamilies(service.spec);
}

/**
 * An update may leave out what was allocated: it is kept where the type still needs it. What the type no longer needs is dropped,
 * unless the update itself changed it.
 */
export function keepAllocated({ spec }: Draft<Service>, { spec: old }: Service): void {
  followClusterIp(spec, old);
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    if (spec.clusterIP === undefined && spec.clusterIPs === undefined && old.clusterIP !== undefined) {
      spec.clusterIP = old.clusterIP;
      spec.clusterIPs = [...(old.clusterIPs ?? [old.clusterIP])];
    }
  } else if (!needsClusterIp(spec) && spec.clusterIP === old.clusterIP) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
    delete spec.internalTrafficPolicy;
  }
  if (needsNodePort(spec)) keepNodePorts(spec.ports ?? [], old.ports ?? []);
  else if (needsNodePort(old)) dropNodePorts(spec, old);
  if (spec.type !== 'LoadBalancer' && old.type === 'LoadBalancer') delete spec.allocateLoadBalancerNodePorts;
  fillFamilies(spec);
}

/** An update that changes or clears `clusterIP` alone means the first of `clusterIPs` too: a merge patch leaves the list as it was. */
function followClusterIp(spec: Draft<ServiceSpec>, old: ServiceSpec): void {
  if (spec.clusterIP === old.clusterIP || !deepEqual(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP === undefined) delete spec.clusterIPs;
  else if (spec.clusterIPs !== undefined) spec.clusterIPs = [spec.clusterIP, ...spec.clusterIPs.slice(1)];
}

export function checkServiceUpdate({ spec }: Service, { spec: old }: Service, faults: FaultList): void {
  const fixed = needsClusterIp(spec) && needsClusterIp(old) && old.clusterIP !== undefined;
  if (fixed && spec.clusterIP !== old.clusterIP) {
    faults.invalid('spec.clusterIPs[0]', spec.clusterIPs ?? [], 'may not change once set');
  }
}

/** Every type but ExternalName has an address, if only the word None. */
function needsClusterIp({ type }: { readonly type?: string }): boolean {
  return type !== 'ExternalName';
}

/** Whether the ports of a service are open on every node. */
function needsNodePort(spec: { readonly type?: string; readonly allocateLoadBalancerNodePorts?: boolean }): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function fillFamilies(spec: Draft<ServiceSpec>): void {
  if (!needsClusterIp(spec)) return;
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (spec.clusterIP !== undefined) spec.clusterIPs ??= [spec.clusterIP];
}

function keepNodePorts(ports: readonly Draft<ServicePort>[], old: readonly ServicePort[]): void {
  const used = new Set(ports.map(({ nodePort }) => nodePort));
  for (const port of ports) {
    if (port.nodePort !== undefined) continue;
    const before = old.find((entry) => entry.port === port.port && entry.protocol === port.protocol);
    if (before?.nodePort !== undefined && !used.has(before.nodePort)) port.nodePort = before.nodePort;
  }
}

function dropNodePorts(spec: Draft<ServiceSpec>, old: ServiceSpec): void {
  const nodePorts = (ports: readonly ServicePort[] | undefined) => ports?.map(({ nodePort }) => nodePort);
  if (deepEqual(nodePorts(spec.ports), nodePorts(old.ports))) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (spec.externalTrafficPolicy === old.externalTrafficPolicy && (spec.externalIPs ?? []).length === 0) {
    delete spec.externalTrafficPolicy;
  }
}
