import type { agentV1 } from '@berth/wire';

export interface LocalNode {
  readonly nodeName: string;
  readonly podCidr: string;
}

/** One port of a service, reduced to what the kernel needs. */
export interface ServiceTarget {
  /** `namespace/name`. */
  readonly name: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly nodePort: number;
  readonly clusterIp: string;
  /** The cluster address and all external ones. */
  readonly addresses: readonly string[];
  readonly endpoints: readonly TargetEndpoint[];
  readonly affinitySeconds: number;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  readonly localNodes: readonly LocalNode[];
}

export interface TargetEndpoint {
  readonly ip: string;
  readonly port: number;
  readonly nodeName: string;
  /** Its pod is on this machine. */
  readonly isLocal: boolean;
}

/** Headless and external services need no rules. */
export function serviceTargets(
  services: readonly agentV1.ServiceEntry[],
  localNodes: readonly LocalNode[],
): readonly ServiceTarget[] {
  const local = new Set(localNodes.map(({ nodeName }) => nodeName));
  return services
    .filter(({ clusterIp }) => clusterIp !== '')
    .flatMap((service) =>
      service.ports
        .filter(({ protocol }) => protocol === 'TCP' || protocol === 'UDP')
        .map((port): ServiceTarget => {
          return {
            name: `${service.namespace}/${service.name}`,
            protocol: port.protocol === 'UDP' ? 'udp' : 'tcp',
            port: port.port,
            nodePort: port.nodePort,
            clusterIp: service.clusterIp,
            addresses: [service.clusterIp, ...service.externalIps],
            endpoints: usableEndpoints(port.endpoints).map(({ ip, port: number, nodeName }) => {
              return { ip, port: number, nodeName, isLocal: local.has(nodeName) };
            }),
            affinitySeconds: service.affinitySeconds,
            internalLocal: service.internalTrafficPolicy === 'Local',
            externalLocal: service.externalTrafficPolicy === 'Local',
            localNodes,
          };
        }),
    );
}

/** Ready endpoints; when there are none, those that still serve while they end (Kubernetes' ProxyTerminatingEndpoints). */
export function usableEndpoints(endpoints: readonly agentV1.Endpoint[]): readonly agentV1.Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  return ready.length > 0 ? ready : endpoints.filter(({ serving, terminating }) => serving && terminating);
}
