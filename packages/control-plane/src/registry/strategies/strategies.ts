import type { World } from '@berth/world';
import { ClusterIpAllocation } from '../allocation/cluster-ip-allocation.ts';
import { defaultNodePorts, NodePortAllocation, type PortRange } from '../allocation/node-port-allocation.ts';
import { PodCidrAllocation } from '../allocation/pod-cidr-allocation.ts';
import type { Strategies } from '../kind-strategy.ts';
import { namespaceStrategy } from './namespace-strategy.ts';
import { nodeStrategy } from './node-strategy.ts';
import { podStrategy } from './pod-strategy.ts';
import { serviceStrategy } from './service-strategy.ts';

/** The networks that the cluster hands out of. All servers must be given the same. */
export interface StrategyOptions {
  readonly world: Pick<World, 'clock'>;
  /** Default `10.96.0.0/16`. */
  readonly serviceCidr?: string;
  /** Default `10.244.0.0/16`. */
  readonly podCidr?: string;
  /** Default 30000 to 32767. */
  readonly nodePorts?: PortRange;
}

const defaultServiceCidr = '10.96.0.0/16';
const defaultPodCidr = '10.244.0.0/16';

export function createStrategies(options: StrategyOptions): Strategies {
  const pools = {
    clusterIps: new ClusterIpAllocation(options.serviceCidr ?? defaultServiceCidr),
    nodePorts: new NodePortAllocation(options.nodePorts ?? defaultNodePorts),
  };
  return {
    namespaces: namespaceStrategy,
    nodes: nodeStrategy(new PodCidrAllocation(options.podCidr ?? defaultPodCidr, options.world.clock)),
    pods: podStrategy,
    services: serviceStrategy(pools),
  };
}
