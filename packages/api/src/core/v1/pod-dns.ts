import { required } from '../../schema/field.ts';
import { list, text, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsSubdomain, ipAddress } from '../../schema/text-formats.ts';

export interface PodDNSConfigOption {
  readonly name?: string;
  readonly value?: string;
}

const podDNSConfigOption: Message<PodDNSConfigOption> = message({
  name: 'core.v1.PodDNSConfigOption',
  description: 'One resolver option.',
  fields: {
    name: text(1, 'The option, e.g. ndots.'),
    value: text(2, 'Its value.', { keepZero: true }),
  },
});

export interface PodDNSConfig {
  readonly nameservers?: readonly string[];
  readonly searches?: readonly string[];
  readonly options?: readonly PodDNSConfigOption[];
}

export const podDNSConfig: Message<PodDNSConfig> = message({
  name: 'core.v1.PodDNSConfig',
  description: 'What is added to the resolver settings that dnsPolicy gives.',
  fields: {
    nameservers: texts(1, 'Addresses of name servers.', atomicList),
    searches: texts(2, 'Domains that are tried for short names.', atomicList),
    options: list(3, 'Resolver options.', podDNSConfigOption, atomicList),
  },
});

export interface HostAlias {
  readonly ip: string;
  readonly hostnames?: readonly string[];
}

export const hostAlias: Message<HostAlias> = message({
  name: 'core.v1.HostAlias',
  description: "A line of the pod's hosts file.",
  fields: {
    ip: required(text(1, 'The address.', { format: ipAddress })),
    hostnames: texts(2, 'Names of the address.', { ...atomicList, each: { format: dnsSubdomain } }),
  },
});
