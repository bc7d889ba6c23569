import type { FaultList } from '../../errors/fault-list.ts';
import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, statusSubresource } from '../../kind/kind.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { filled } from '../../schema/field.ts';
import { flag, list, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { nodeColumns } from './node-columns.ts';
import { type NodeConfigSource, type NodeStatus, nodeConfigSource, nodeStatus } from './node-status.ts';
import { checkNodeSpec } from './node-validation.ts';
import { type Taint, taint } from './taint.ts';

export interface NodeSpec {
  readonly podCIDR?: string;
  readonly externalID?: string;
  readonly providerID?: string;
  readonly unschedulable?: boolean;
  readonly taints?: readonly Taint[];
  readonly configSource?: NodeConfigSource;
  readonly podCIDRs?: readonly string[];
}

const nodeSpec: Message<NodeSpec> = message({
  name: 'core.v1.NodeSpec',
  description: 'What a node is to be.',
  fields: {
    podCIDR: text(1, 'Addresses of its pods; given by the server.'),
    externalID: text(2, 'Not used any more.'),
    providerID: text(3, 'Id of the machine at its provider.'),
    unschedulable: flag(4, 'Whether no new pods are placed here (cordoned).'),
    taints: list(5, 'What keeps pods away.', taint, atomicList),
    configSource: nested(6, 'Not used any more.', nodeConfigSource, {
      refused: 'configuring nodes through the API is not served by Berth yet',
    }),
    podCIDRs: texts(7, 'All address ranges of its pods; the first is podCIDR.', {
      listType: 'set',
      patchStrategy: 'merge',
    }),
  },
  check: checkNodeSpec,
});

export interface Node extends ApiObject {
  readonly spec: NodeSpec;
  readonly status?: NodeStatus;
}

const nodeMessage: Message<Node> = message({
  name: 'core.v1.Node',
  description: 'A machine that runs pods.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'What it is to be.', nodeSpec)),
    status: nested(3, 'What it has and how it is.', nodeStatus, { default: {} }),
  },
});

/** Pods have addresses out of it: a node keeps the range that it was given. */
function checkUpdate({ spec }: Node, old: Node, faults: FaultList): void {
  const given = old.spec.podCIDRs ?? [];
  if (given.length > 0 && !deepEqual(spec.podCIDRs ?? [], given)) {
    faults.forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid');
  }
  const provider = old.spec.providerID;
  if (provider !== undefined && spec.providerID !== provider) {
    faults.forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid');
  }
}

export const node: Kind<Node> = kind({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  namespaced: false,
  message: nodeMessage,
  verbs: allVerbs,
  subresources: [statusSubresource],
  nameFault: checkDnsSubdomain,
  prepareForUpdate: ({ spec }, old) => {
    if (spec.podCIDR === undefined && old.spec.podCIDR !== undefined) spec.podCIDR = old.spec.podCIDR;
    if (spec.podCIDRs === undefined && old.spec.podCIDRs !== undefined) spec.podCIDRs = [...old.spec.podCIDRs];
  },
  checkUpdate,
  columns: nodeColumns,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable === true) },
});
