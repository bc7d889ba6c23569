import type { FaultList, ServicePort, ServiceSpec } from '@berth/api';
import type { Claims } from './claims.ts';
import type { ClusterIpAllocation } from './cluster-ip-allocation.ts';
import type { NodePortAllocation } from './node-port-allocation.ts';

type Spec = ServiceSpec;

export interface ServicePools {
  readonly clusterIps: ClusterIpAllocation;
  readonly nodePorts: NodePortAllocation;
}

/**
 * Gives a service its addresses and ports, takes back those it no longer needs, and answers the spec with everything
 * filled in. `before` is the stored spec when the service is being changed.
 */
export async function allocateForService(
  pools: ServicePools,
  claims: Claims,
  before: Spec | undefined,
  wanted: Spec,
  faults: FaultList,
): Promise<Spec> {
  const addressed = await allocateAddress(pools.clusterIps, claims, before, wanted, faults);
  return allocatePorts(pools.nodePorts, claims, before, addressed, faults);
}

/** What a deleted service gives back. */
export function freeOfService(pools: ServicePools, claims: Claims, spec: Spec): void {
  const address = addressOf(spec);
  if (address !== undefined) pools.clusterIps.free(claims, address);
  for (const port of nodePortsOf(spec)) pools.nodePorts.free(claims, port);
}

async function allocateAddress(
  pool: ClusterIpAllocation,
  claims: Claims,
  before: Spec | undefined,
  wanted: Spec,
  faults: FaultList,
): Promise<Spec> {
  const held = before === undefined ? undefined : addressOf(before);
  const spec = normalized(wanted);
  const asked = addressOf(spec);
  if (held !== undefined && held !== asked) pool.free(claims, held);
  if (!needsAddress(spec) || spec.clusterIP === 'None') return spec;
  if (asked === undefined) {
    const clusterIP = await pool.takeAny(claims);
    return { ...spec, clusterIP, clusterIPs: [clusterIP] };
  }
  if (asked !== held) await pool.takeThis(claims, asked, faults);
  return spec;
}

async function allocatePorts(
  pool: NodePortAllocation,
  claims: Claims,
  before: Spec | undefined,
  spec: Spec,
  faults: FaultList,
): Promise<Spec> {
  const held = before === undefined ? new Set<number>() : nodePortsOf(before);
  const kept = needsNodePorts(spec) ? nodePortsOf(spec) : new Set<number>();
  for (const port of held) if (!kept.has(port)) pool.free(claims, port);
  if (!needsNodePorts(spec)) return spec;
  const used = new Set(kept);
  const taken = new Set(held);
  const ports: ServicePort[] = [];
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const asked = port.nodePort ?? 0;
    if (asked === 0) {
      const nodePort = await pool.takeAny(claims, used);
      used.add(nodePort);
      ports.push({ ...port, nodePort });
      continue;
    }
    if (!taken.has(asked)) await pool.takeThis(claims, asked, `spec.ports[${index}].nodePort`, faults);
    taken.add(asked);
    ports.push(port);
  }
  return { ...spec, ports };
}

/** `clusterIP` and the first of `clusterIPs` are one thing; clients may send either. */
function normalized(spec: Spec): Spec {
  if (!needsAddress(spec)) return spec;
  const [first] = spec.clusterIPs ?? [];
  if (isBlank(spec.clusterIP)) return first === undefined ? spec : { ...spec, clusterIP: first };
  return first === undefined && spec.clusterIP !== undefined ? { ...spec, clusterIPs: [spec.clusterIP] } : spec;
}

function needsAddress(spec: Spec): boolean {
  return spec.type !== 'ExternalName';
}

function needsNodePorts(spec: Spec): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** The allocated address; undefined for headless services and those that have none yet. */
function addressOf(spec: Spec): string | undefined {
  if (!needsAddress(spec) || spec.clusterIP === 'None' || isBlank(spec.clusterIP)) return undefined;
  return spec.clusterIP;
}

function nodePortsOf(spec: Spec): Set<number> {
  const ports = (spec.ports ?? []).map((port) => port.nodePort ?? 0);
  return new Set(ports.filter((port) => port !== 0));
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text === '';
}
