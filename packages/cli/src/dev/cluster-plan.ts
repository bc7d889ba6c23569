import type { ClusterNetworks } from './free-networks.ts';

/** A machine of the local cluster: real in its own namespaces (`--isolated`), or just a name and an address on this machine. */
export interface HostPlan {
  readonly name: string;
  readonly role: 'server' | 'node';
  /** Counted from 1. */
  readonly dataCenter: number;
  readonly address: string;
}

export interface ClusterPlan {
  readonly isolated: boolean;
  readonly dataCenters: number;
  readonly hosts: readonly HostPlan[];
  /** First two octets of all host addresses, e.g. `10.89`; data center d owns `10.89.d.0/24`, its router is `.1`. */
  readonly network: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** The file with the profiles of the scheduler. */
  readonly schedulerConfig?: string;
}

/** The shape of a cluster, as the flags of `berth dev up` give it. */
export interface ClusterShape {
  readonly isolated: boolean;
  readonly dataCenters: number;
  readonly nodesPerDataCenter: number;
  readonly servers: number;
  /** Absolute path of the file with the profiles of the scheduler. */
  readonly schedulerConfig?: string;
}

export const usualShape: ClusterShape = { isolated: false, dataCenters: 2, nodesPerDataCenter: 2, servers: 3 };

const flagOf: Readonly<Record<Exclude<keyof ClusterShape, 'isolated' | 'schedulerConfig'>, string>> = {
  dataCenters: '--dcs',
  nodesPerDataCenter: '--nodes',
  servers: '--servers',
};

/** Value of the label topology.kubernetes.io/zone of a data center's nodes. */
export function zoneName(dataCenter: number): string {
  return `dc-${dataCenter}`;
}

/** Servers go round the data centers, so that no site holds more of them than it must. */
export function planCluster(shape: ClusterShape, networks: ClusterNetworks): ClusterPlan {
  inRange('dataCenters', shape.dataCenters, 1, 24);
  inRange('nodesPerDataCenter', shape.nodesPerDataCenter, 1, 100);
  inRange('servers', shape.servers, 1, 7);
  const servers = Array.from({ length: shape.servers }, (_, index): HostPlan => {
    const dataCenter = (index % shape.dataCenters) + 1;
    const address = `${networks.hosts}.${dataCenter}.${11 + index}`;
    return { name: `server-${index + 1}`, role: 'server', dataCenter, address };
  });
  const nodes = Array.from({ length: shape.dataCenters * shape.nodesPerDataCenter }, (_, index): HostPlan => {
    const dataCenter = Math.floor(index / shape.nodesPerDataCenter) + 1;
    const address = `${networks.hosts}.${dataCenter}.${101 + (index % shape.nodesPerDataCenter)}`;
    return { name: `node-${index + 1}`, role: 'node', dataCenter, address };
  });
  return {
    isolated: shape.isolated,
    dataCenters: shape.dataCenters,
    hosts: [...servers, ...nodes],
    network: networks.hosts,
    podCidr: networks.podCidr,
    serviceCidr: networks.serviceCidr,
    ...(shape.schedulerConfig === undefined ? {} : { schedulerConfig: shape.schedulerConfig }),
  };
}

export function shapeOf(plan: ClusterPlan): ClusterShape {
  return {
    isolated: plan.isolated,
    dataCenters: plan.dataCenters,
    nodesPerDataCenter: nodesOf(plan).length / plan.dataCenters,
    servers: serversOf(plan).length,
    ...(plan.schedulerConfig === undefined ? {} : { schedulerConfig: plan.schedulerConfig }),
  };
}

/** A cluster that exists keeps its shape: throws when another one was asked for. */
export function expectShape(plan: ClusterPlan, asked: Partial<ClusterShape>): void {
  const shape = shapeOf(plan);
  if (asked.isolated !== undefined && asked.isolated !== shape.isolated) {
    const has = shape.isolated ? 'has isolated hosts' : 'has no isolated hosts';
    throw new Error(`the local cluster that is here ${has}; \`berth dev down\` removes it`);
  }
  if (asked.schedulerConfig !== undefined && asked.schedulerConfig !== shape.schedulerConfig) {
    const has = shape.schedulerConfig === undefined ? 'without' : 'with another';
    throw new Error(`the local cluster that is here was made ${has} --scheduler-config; \`berth dev down\` removes it`);
  }
  for (const [field, flag] of Object.entries(flagOf)) {
    const [has, wanted] = [shape[field as keyof ClusterShape], asked[field as keyof ClusterShape]];
    if (wanted !== undefined && wanted !== has) {
      throw new Error(
        `the local cluster that is here was made with ${flag} ${has}, not ${wanted}; \`berth dev down\` removes it`,
      );
    }
  }
}

export function serversOf(plan: ClusterPlan): readonly HostPlan[] {
  return plan.hosts.filter((host) => host.role === 'server');
}

export function nodesOf(plan: ClusterPlan): readonly HostPlan[] {
  return plan.hosts.filter((host) => host.role === 'node');
}

export function hostNamed(plan: ClusterPlan, name: string): HostPlan {
  const host = plan.hosts.find((each) => each.name === name);
  if (host === undefined)
    throw new Error(`no host is called "${name}"; there are ${plan.hosts.map((each) => each.name).join(', ')}`);
  return host;
}

function inRange(field: keyof typeof flagOf, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${flagOf[field]} must be a whole number from ${least} to ${most}, got ${value}`);
  }
}
