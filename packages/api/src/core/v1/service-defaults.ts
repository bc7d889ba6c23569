import type { Draft } from '../../schema/message.ts';
import type { ServicePort, ServiceSpec } from './service-spec.ts';

export function fillServicePort(port: Draft<ServicePort>): void {
  if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
}

/** Each type of service has its own set of further settings. */
export function fillServiceSpec(spec: Draft<ServiceSpec>): void {
  const type = spec.type ?? 'ClusterIP';
  if (spec.sessionAffinity === 'ClientIP') spec.sessionAffinityConfig ??= { clientIP: {} };
  else delete spec.sessionAffinityConfig;
  if (type === 'NodePort' || type === 'LoadBalancer') spec.externalTrafficPolicy ??= 'Cluster';
  if (type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}
