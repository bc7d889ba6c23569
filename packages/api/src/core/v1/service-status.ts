import { type Condition, condition } from '../../meta/v1/condition.ts';
import { filled } from '../../schema/field.ts';
import { int32, list, nested, text } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';

export interface PortStatus {
  readonly port: number;
  readonly protocol: string;
  readonly error?: string;
}

const portStatus: Message<PortStatus> = message({
  name: 'core.v1.PortStatus',
  description: 'How a port of a load balancer is.',
  fields: {
    port: filled(int32(1, 'The port.')),
    protocol: filled(text(2, 'Transport protocol.')),
    error: text(3, 'What went wrong.', { keepZero: true }),
  },
});

export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ipMode?: string;
  readonly ports?: readonly PortStatus[];
}

const loadBalancerIngress: Message<LoadBalancerIngress> = message({
  name: 'core.v1.LoadBalancerIngress',
  description: 'Where a load balancer answers.',
  fields: {
    ip: text(1, 'Its address.'),
    hostname: text(2, 'Its name.'),
    ipMode: text(3, "Whether the address is the balancer's own or passes on to it.", {
      keepZero: true,
      values: ['Proxy', 'VIP'],
    }),
    ports: list(4, 'How its ports are.', portStatus, atomicList),
  },
});

export interface LoadBalancerStatus {
  readonly ingress?: readonly LoadBalancerIngress[];
}

const loadBalancerStatus: Message<LoadBalancerStatus> = message({
  name: 'core.v1.LoadBalancerStatus',
  description: 'Where a service answers from outside.',
  fields: {
    ingress: list(1, 'The places.', loadBalancerIngress, atomicList),
  },
});

export interface ServiceStatus {
  readonly loadBalancer?: LoadBalancerStatus;
  readonly conditions?: readonly Condition[];
}

export const serviceStatus: Message<ServiceStatus> = message({
  name: 'core.v1.ServiceStatus',
  description: 'What became of a service.',
  fields: {
    loadBalancer: nested(1, 'Its load balancer.', loadBalancerStatus, { default: {} }),
    conditions: list(2, 'Observations about the service.', condition, mergedBy('type')),
  },
});
