import type { agentV1 } from '@berth/wire';

export function endpoint(ip: string, change: Partial<agentV1.Endpoint> = {}): agentV1.Endpoint {
  return {
    ip,
    port: 8080,
    ready: true,
    serving: true,
    terminating: false,
    nodeName: 'n1',
    hostname: '',
    zone: '',
    ...change,
  };
}

export function port(endpoints: agentV1.Endpoint[], change: Partial<agentV1.ServicePort> = {}): agentV1.ServicePort {
  return { name: 'http', protocol: 'TCP', port: 80, nodePort: 0, endpoints, ...change };
}

export function service(
  ports: agentV1.ServicePort[],
  change: Partial<agentV1.ServiceEntry> = {},
): agentV1.ServiceEntry {
  return {
    namespace: 'default',
    name: 'web',
    clusterIp: '10.96.0.10',
    ports,
    affinitySeconds: 0,
    externalName: '',
    publishNotReadyAddresses: false,
    externalIps: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    ...change,
  };
}
