import { type ObjectReference, objectReference } from '../../core/v1/object-reference.ts';
import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, specDiffers } from '../../kind/kind.ts';
import { required } from '../../schema/field.ts';
import { flag, int32, list, nested, text, textMap, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../schema/text-formats.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { endpointSliceColumns } from './endpoint-slice-columns.ts';
import { checkEndpointSlice } from './endpoint-slice-validation.ts';

export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

const endpointConditions: Message<EndpointConditions> = message({
  name: 'discovery.v1.EndpointConditions',
  description: 'Whether an endpoint can be used; absent means unknown.',
  fields: {
    ready: flag(1, 'Whether it takes new connections: serving and not terminating.', { keepZero: true }),
    serving: flag(2, 'Whether it answers.', { keepZero: true }),
    terminating: flag(3, 'Whether it is ending.', { keepZero: true }),
  },
});

export interface ForZone {
  readonly name: string;
}

const forZone: Message<ForZone> = message({
  name: 'discovery.v1.ForZone',
  description: 'A zone.',
  fields: {
    name: required(text(1, 'Its name.')),
  },
});

export interface ForNode {
  readonly name: string;
}

const forNode: Message<ForNode> = message({
  name: 'discovery.v1.ForNode',
  description: 'A node.',
  fields: {
    name: required(text(1, 'Its name.')),
  },
});

export interface EndpointHints {
  readonly forZones?: readonly ForZone[];
  readonly forNodes?: readonly ForNode[];
}

const endpointHints: Message<EndpointHints> = message({
  name: 'discovery.v1.EndpointHints',
  description: 'Who should use an endpoint.',
  fields: {
    forZones: list(1, 'Clients in these zones.', forZone, { ...atomicList, itemsMax: 8 }),
    forNodes: list(2, 'Clients on these nodes.', forNode, { ...atomicList, itemsMax: 8 }),
  },
});

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly deprecatedTopology?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly hints?: EndpointHints;
}

const endpoint: Message<Endpoint> = message({
  name: 'discovery.v1.Endpoint',
  description: 'One place behind a service, usually a pod.',
  fields: {
    addresses: required(texts(1, 'Its addresses; clients use the first.', { listType: 'set', itemsMax: 100 })),
    conditions: nested(2, 'Whether it can be used.', endpointConditions, { default: {} }),
    hostname: text(3, 'Host name of the pod.', { keepZero: true, format: dnsLabel }),
    targetRef: nested(4, 'The pod.', objectReference),
    deprecatedTopology: textMap(5, 'Labels of its node, from older versions.'),
    nodeName: text(6, 'Its node.', { keepZero: true, format: dnsSubdomain }),
    zone: text(7, 'The zone of its node.', { keepZero: true }),
    hints: nested(8, 'Who should use it.', endpointHints),
  },
});

export interface EndpointSlicePort {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

const endpointSlicePort: Message<EndpointSlicePort> = message({
  name: 'discovery.v1.EndpointPort',
  description: 'A port of the endpoints.',
  atomic: true,
  fields: {
    name: text(1, "Name of the service's port.", { keepZero: true, default: '' }),
    protocol: text(2, 'Transport protocol.', { keepZero: true, default: 'TCP', values: ['SCTP', 'TCP', 'UDP'] }),
    port: int32(3, 'The port; absent means all ports.', { keepZero: true, min: 1, max: 65535 }),
    appProtocol: text(4, 'Application protocol.', { keepZero: true, format: qualifiedName }),
  },
});

export interface EndpointSlice extends ApiObject {
  readonly endpoints?: readonly Endpoint[];
  readonly ports?: readonly EndpointSlicePort[];
  readonly addressType: string;
}

const endpointSliceMessage: Message<EndpointSlice> = message({
  name: 'discovery.v1.EndpointSlice',
  description: 'A part of the endpoints behind a service.',
  fields: {
    ...apiObjectFields,
    endpoints: list(2, 'The endpoints.', endpoint, { keepZero: true, ...atomicList, default: [], itemsMax: 1000 }),
    ports: list(3, 'The ports that every endpoint has.', endpointSlicePort, {
      keepZero: true,
      ...atomicList,
      default: [],
      itemsMax: 20000,
    }),
    addressType: required(text(4, 'What the addresses are.', { values: ['FQDN', 'IPv4', 'IPv6'], immutable: true })),
  },
  check: checkEndpointSlice,
});

export const endpointSlice: Kind<EndpointSlice> = kind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  singular: 'endpointslice',
  shortNames: [],
  categories: [],
  namespaced: true,
  message: endpointSliceMessage,
  verbs: allVerbs,
  subresources: [],
  nameFault: checkDnsSubdomain,
  specChanged: specDiffers,
  columns: endpointSliceColumns,
  selectableFields: {},
});
