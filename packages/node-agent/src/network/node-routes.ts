import type { agentV1 } from '@berth/wire';
import type { HostCommands } from '../host/host-commands.ts';
import { routeProtocol } from './interface-names.ts';
import { type Cidr, contains, parseCidr } from './ipv4.ts';
import type { MachineAddresses } from './machine-addresses.ts';

/** `podCidr` by way of `nodeIp`. */
export type Route = Pick<agentV1.NodeRoute, 'podCidr' | 'nodeIp'>;

/** Routes to the pods of other machines in reach. Nodes behind a router are left to the router; nodes of this machine need none. */
export function neededRoutes(nodes: readonly agentV1.NodeRoute[], addresses: MachineAddresses): readonly Route[] {
  return nodes.filter(({ nodeIp }) => !addresses.isOwn(nodeIp) && addresses.isOnLink(nodeIp));
}

interface KernelRoute {
  readonly dst?: string;
  readonly gateway?: string;
}

/** Brings the kernel's routes in line that carry our mark and lead to pods of this cluster. */
export async function applyRoutes(commands: HostCommands, clusterCidr: Cidr, wanted: readonly Route[]): Promise<void> {
  const printed = await commands.run('ip', ['-json', '-4', 'route', 'show', 'proto', String(routeProtocol)]);
  const marked = JSON.parse(printed === '' ? '[]' : printed) as readonly KernelRoute[];
  const present = marked.filter(({ dst }) => isInside(clusterCidr, dst));
  const stale = present.filter(({ dst }) => !wanted.some(({ podCidr }) => podCidr === dst));
  const missing = wanted.filter(({ podCidr, nodeIp }) => {
    return !present.some(({ dst, gateway }) => dst === podCidr && gateway === nodeIp);
  });
  const lines = [
    ...stale.map(({ dst }) => `route delete ${dst} proto ${routeProtocol}`),
    ...missing.map(({ podCidr, nodeIp }) => `route replace ${podCidr} via ${nodeIp} proto ${routeProtocol}`),
  ];
  // One route that the kernel refuses must not keep the others out.
  if (lines.length > 0) await commands.run('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
}

function isInside(cluster: Cidr, destination: string | undefined): boolean {
  try {
    return contains(cluster, parseCidr(destination ?? '').base);
  } catch {
    return false;
  }
}
