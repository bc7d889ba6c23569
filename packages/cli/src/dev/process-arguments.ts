import type { ClusterPlan, HostPlan } from './cluster-plan.ts';
import { zoneName } from './cluster-plan.ts';

/** Ports of every server of a local cluster: each has an address of its own. */
export const apiPort = 6443;
const gatewayPort = 6444;
const peerPort = 6445;

export const region = 'local';

export function apiUrl(host: HostPlan): string {
  return `https://${host.address}:${apiPort}`;
}

export function serversOf(plan: ClusterPlan): readonly HostPlan[] {
  return plan.hosts.filter((host) => host.role === 'server');
}

export function nodesOf(plan: ClusterPlan): readonly HostPlan[] {
  return plan.hosts.filter((host) => host.role === 'node');
}

/** How a server or agent learns of the cluster; absent when its data directory says it already. */
export interface Joining {
  readonly token: string;
  readonly urls: readonly string[];
}

export function serverArguments(
  plan: ClusterPlan,
  host: HostPlan,
  dataDir: string,
  joining: Joining | undefined,
): readonly string[] {
  return [
    'server',
    ...flags({
      name: host.name,
      'data-dir': dataDir,
      listen: `${host.address}:${apiPort}`,
      'gateway-listen': `${host.address}:${gatewayPort}`,
      'peer-listen': `${host.address}:${peerPort}`,
      'advertise-address': host.address,
      region,
      zone: zoneName(host.dataCenter),
      'pod-cidr': plan.podCidr,
      'service-cidr': plan.serviceCidr,
    }),
    ...(joining === undefined ? [] : ['--join', joining.urls[0] ?? '', '--token', joining.token]),
  ];
}

export function agentArguments(
  plan: ClusterPlan,
  host: HostPlan,
  dataDir: string,
  engineSocket: string,
  joining: Joining | undefined,
): readonly string[] {
  return [
    'agent',
    ...flags({
      name: host.name,
      'data-dir': dataDir,
      'node-ip': host.address,
      region,
      zone: zoneName(host.dataCenter),
      'engine-socket': engineSocket,
    }),
    ...serversOf(plan).flatMap((server) => ['--server', apiUrl(server)]),
    ...(joining === undefined ? [] : ['--token', joining.token]),
  ];
}

function flags(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}
