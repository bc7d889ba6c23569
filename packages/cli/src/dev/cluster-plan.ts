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
}

export interface PlanOptions {
  readonly isolated: boolean;
  readonly dataCenters: number;
  readonly nodesPerDataCenter: number;
  readonly servers: number;
  readonly network: string;
}

/** Value of the label topology.kubernetes.io/zone of a data center's nodes. */
export function zoneName(dataCenter: number): string {
  return `dc-${dataCenter}`;
}

/** Servers go round the data centers, so that no site holds more of them than it must. */
export function planCluster(options: PlanOptions): ClusterPlan {
  inRange('--dcs', options.dataCenters, 1, 24);
  inRange('--nodes', options.nodesPerDataCenter, 1, 100);
  inRange('--servers', options.servers, 1, 7);
  const servers = Array.from({ length: options.servers }, (_, index): HostPlan => {
    const dataCenter = (index % options.dataCenters) + 1;
    return {
      name: `server-${index + 1}`,
      role: 'server',
      dataCenter,
      address: `${options.network}.${dataCenter}.${11 + index}`,
    };
  });
  const nodes = Array.from({ length: options.dataCenters * options.nodesPerDataCenter }, (_, index): HostPlan => {
    const dataCenter = Math.floor(index / options.nodesPerDataCenter) + 1;
    const address = `${options.network}.${dataCenter}.${101 + (index % options.nodesPerDataCenter)}`;
    return { name: `node-${index + 1}`, role: 'node', dataCenter, address };
  });
  return {
    isolated: options.isolated,
    dataCenters: options.dataCenters,
    hosts: [...servers, ...nodes],
    network: options.network,
    podCidr: '10.244.0.0/16',
    serviceCidr: '10.96.0.0/16',
  };
}

export function hostNamed(plan: ClusterPlan, name: string): HostPlan {
  const host = plan.hosts.find((each) => each.name === name);
  if (host === undefined)
    throw new Error(`no host is called "${name}"; there are ${plan.hosts.map((each) => each.name).join(', ')}`);
  return host;
}

function inRange(flag: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${flag} must be a whole number from ${least} to ${most}, got ${value}`);
  }
}
