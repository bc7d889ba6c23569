import { required } from '../../schema/field.ts';
import { flag, int32, intOrString, list, nested, text, textMap, texts } from '../../schema/field-builder.ts';
import { atomicList, notServed } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsLabel, ipAddress, qualifiedName } from '../../schema/text-formats.ts';
import { fillServicePort, fillServiceSpec } from './service-defaults.ts';
import { checkServicePort, checkServiceSpec } from './service-validation.ts';

export interface ClientIPConfig {
  readonly timeoutSeconds?: number;
}

const clientIPConfig: Message<ClientIPConfig> = message({
  name: 'core.v1.ClientIPConfig',
  description: 'How clients are kept at one pod.',
  fields: {
    timeoutSeconds: int32(1, 'How long after the last connection.', {
      keepZero: true,
      default: 10800,
      min: 1,
      max: 86400,
    }),
  },
});

export interface SessionAffinityConfig {
  readonly clientIP?: ClientIPConfig;
}

const sessionAffinityConfig: Message<SessionAffinityConfig> = message({
  name: 'core.v1.SessionAffinityConfig',
  description: 'Settings of session affinity.',
  fields: {
    clientIP: nested(1, 'For affinity by client address.', clientIPConfig),
  },
});

export interface ServicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port: number;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
  readonly appProtocol?: string;
}

const servicePort: Message<ServicePort> = message({
  name: 'core.v1.ServicePort',
  description: 'A port of a service.',
  fields: {
    name: text(1, 'Names the port; needed when there are several.', { format: dnsLabel }),
    protocol: text(2, 'Transport protocol.', { default: 'TCP', values: ['SCTP', 'TCP', 'UDP'] }),
    port: required(int32(3, "The port on the service's address.", { min: 1, max: 65535 })),
    targetPort: intOrString(4, "Number or name of the pods' port; absent means the same as port."),
    nodePort: int32(5, 'The port on every node, for NodePort and LoadBalancer; given by the server when 0.', {
      min: 0,
      max: 65535,
    }),
    appProtocol: text(6, 'Application protocol.', { keepZero: true, format: qualifiedName }),
  },
  fill: fillServicePort,
  check: checkServicePort,
});

export interface ServiceSpec {
  readonly ports?: readonly ServicePort[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly clusterIP?: string;
  readonly type?: string;
  readonly externalIPs?: readonly string[];
  readonly sessionAffinity?: string;
  readonly loadBalancerIP?: string;
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly externalName?: string;
  readonly externalTrafficPolicy?: string;
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses?: boolean;
  readonly sessionAffinityConfig?: SessionAffinityConfig;
  readonly ipFamilyPolicy?: string;
  readonly clusterIPs?: readonly string[];
  readonly ipFamilies?: readonly string[];
  readonly allocateLoadBalancerNodePorts?: boolean;
  readonly loadBalancerClass?: string;
  readonly internalTrafficPolicy?: string;
  readonly trafficDistribution?: string;
}

export const serviceSpec: Message<ServiceSpec> = message({
  name: 'core.v1.ServiceSpec',
  description: 'How pods are reached under one address.',
  fields: {
    ports: list(1, 'The ports.', servicePort, {
      listType: 'map',
      mapKeys: ['port', 'protocol'],
      patchStrategy: 'merge',
      mergeKey: 'port',
    }),
    selector: textMap(2, 'Labels of the pods behind the service; without it, endpoints are made by hand.', {
      atomic: true,
    }),
    clusterIP: text(
      3,
      'The address within the cluster; given by the server when empty, None for a service without (headless).',
    ),
    type: text(
      4,
      "ClusterIP is reached from inside, NodePort from every node's address, LoadBalancer from outside; ExternalName is an alias.",
      { default: 'ClusterIP', values: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'] },
    ),
    externalIPs: texts(5, 'Further addresses of nodes under which the service answers.', {
      ...atomicList,
      each: { format: ipAddress },
    }),
    sessionAffinity: text(7, 'ClientIP keeps a client at one pod.', { default: 'None', values: ['ClientIP', 'None'] }),
    loadBalancerIP: text(8, 'Wished address of the load balancer.', {
      refused: notServed('wished load balancer addresses'),
    }),
    loadBalancerSourceRanges: texts(9, 'Client addresses that the load balancer lets through.', {
      ...atomicList,
      refused: notServed('load balancer source ranges'),
    }),
    externalName: text(10, 'The name that an ExternalName service is an alias of.'),
    externalTrafficPolicy: text(
      11,
      "Local sends traffic from outside to pods of the same node alone and keeps the client's address.",
      { values: ['Cluster', 'Local'] },
    ),
    healthCheckNodePort: int32(12, 'Port for the health checks of a load balancer.', {
      refused: notServed('health check node ports'),
    }),
    publishNotReadyAddresses: flag(13, 'Whether pods that are not ready are published too.'),
    sessionAffinityConfig: nested(14, 'Settings of session affinity.', sessionAffinityConfig),
    ipFamilyPolicy: text(17, 'One address family or two.', {
      keepZero: true,
      values: ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
    }),
    clusterIPs: texts(18, 'All addresses within the cluster; the first is clusterIP.', atomicList),
    ipFamilies: texts(19, 'Families of the addresses.', { ...atomicList, each: { values: ['IPv4', 'IPv6'] } }),
    allocateLoadBalancerNodePorts: flag(20, 'Whether a LoadBalancer service gets node ports.', { keepZero: true }),
    loadBalancerClass: text(21, 'Who makes the load balancer.', { keepZero: true, format: qualifiedName }),
    internalTrafficPolicy: text(22, 'Local sends traffic from inside to pods of the same node alone.', {
      keepZero: true,
      values: ['Cluster', 'Local'],
    }),
    trafficDistribution: text(23, 'A preference for near pods.', {
      keepZero: true,
      refused: 'traffic distribution is not served by Berth yet',
    }),
  },
  fill: fillServiceSpec,
  check: checkServiceSpec,
});
