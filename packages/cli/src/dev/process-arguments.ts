import type { ClusterPlan, HostPlan } from './cluster-plan.ts';
import { serversOf, zoneName } from './cluster-plan.ts';

/** Ports of every server of a local cluster: each has an address of its own. */
export const apiPort = 6443;
const gatewayPort = 6444;
const peerPort = 6445;

const region = 'local';

export function apiUrl(host: HostPlan): string {
  return `https://${host.address}:${apiPort}`;
}

/** How a server or agent learns of the cluster; not needed when its data directory says it already. */
export interface Joining {
  /** The token stands in a file: others can see command lines. */
  readonly tokenFile: string;
  readonly urls: readonly string[];
}

export interface HostFiles {
  readonly dataDir: string;
  /** Of a node, as a process on that node sees it. */
  readonly engineSocket: string;
}

/** The command line of a host's Berth process, behind `berth`. */
export function processArguments(
  plan: ClusterPlan,
  host: HostPlan,
  files: HostFiles,
  joining: Joining | undefined,
): readonly string[] {
  return host.role === 'server'
    ? serverArguments(plan, host, files, joining)
    : agentArguments(plan, host, files, joining);
}

function serverArguments(
  plan: ClusterPlan,
  host: HostPlan,
  { dataDir }: HostFiles,
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
      ...(plan.schedulerConfig === undefined ? {} : { 'scheduler-config': plan.schedulerConfig }),
    }),
    ...(joining === undefined ? [] : joining.urls.flatMap((url) => ['--join', url])),
    ...(joining === undefined ? [] : ['--token-file', joining.tokenFile]),
  ];
}

function agentArguments(
  plan: ClusterPlan,
  host: HostPlan,
  { dataDir, engineSocket }: HostFiles,
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
    ...(joining === undefined ? [] : ['--token-file', joining.tokenFile]),
  ];
}

function flags(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}
