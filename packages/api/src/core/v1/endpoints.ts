import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind } from '../../kind/kind.ts';
import { ageColumn, nameColumn, none, textColumn } from '../../kind/table-column.ts';
import { required } from '../../schema/field.ts';
import { int32, list, nested, text } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsLabel, ipAddress, qualifiedName } from '../../schema/text-formats.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { checkEndpointSubset } from './endpoints-validation.ts';
import { type ObjectReference, objectReference } from './object-reference.ts';

export interface EndpointAddress {
  readonly ip: string;
  readonly targetRef?: ObjectReference;
  readonly hostname?: string;
  readonly nodeName?: string;
}

const endpointAddress: Message<EndpointAddress> = message({
  name: 'core.v1.EndpointAddress',
  description: 'An address behind a service.',
  atomic: true,
  fields: {
    ip: required(text(1, 'The address.', { format: ipAddress })),
    targetRef: nested(2, 'The pod that has it.', objectReference),
    hostname: text(3, 'Host name of the pod.', { format: dnsLabel }),
    nodeName: text(4, 'Node of the pod.', { keepZero: true }),
  },
});

export interface EndpointPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

const endpointPort: Message<EndpointPort> = message({
  name: 'core.v1.EndpointPort',
  description: 'A port behind a service.',
  atomic: true,
  fields: {
    name: text(1, "Name of the service's port.", { format: dnsLabel }),
    port: required(int32(2, 'The port.', { min: 1, max: 65535 })),
    protocol: text(3, 'Transport protocol.', { default: 'TCP', values: ['SCTP', 'TCP', 'UDP'] }),
    appProtocol: text(4, 'Application protocol.', { keepZero: true, format: qualifiedName }),
  },
});

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly EndpointPort[];
}

const endpointSubset: Message<EndpointSubset> = message({
  name: 'core.v1.EndpointSubset',
  description: 'Addresses that share the same ports.',
  fields: {
    addresses: list(1, 'Addresses that are ready.', endpointAddress, atomicList),
    notReadyAddresses: list(2, 'Addresses that are not.', endpointAddress, atomicList),
    ports: list(3, 'The ports.', endpointPort, atomicList),
  },
  check: checkEndpointSubset,
});

export interface Endpoints extends ApiObject {
  readonly subsets?: readonly EndpointSubset[];
}

const endpointsMessage: Message<Endpoints> = message({
  name: 'core.v1.Endpoints',
  description: 'Addresses behind a service, in the old form; EndpointSlice is the new one.',
  fields: {
    ...apiObjectFields,
    subsets: list(2, 'The addresses and ports.', endpointSubset, atomicList),
  },
});

const shownMax = 3;

function endpointsText({ subsets = [] }: Endpoints): string {
  const places = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  if (places.length === 0) return none;
  const shown = places.slice(0, shownMax).join(',');
  return places.length > shownMax ? `${shown} + ${places.length - shownMax} more...` : shown;
}

export const endpoints: Kind<Endpoints> = kind({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  categories: [],
  namespaced: true,
  message: endpointsMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  columns: [nameColumn, textColumn('Endpoints', 'Addresses and ports that are ready.', endpointsText), ageColumn],
  selectableFields: {},
});
