import { required } from '../../schema/field.ts';
import { int32, list, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList, schedulingWeight } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkNodeSelectorTerm } from './affinity-validation.ts';

export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const nodeSelectorRequirement: Message<NodeSelectorRequirement> = message({
  name: 'core.v1.NodeSelectorRequirement',
  description: 'One condition on one label or field of a node.',
  fields: {
    key: required(text(1, "The label's key, or the field.")),
    operator: required(
      text(2, 'How it relates to the values.', { values: ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'] }),
    ),
    values: texts(3, 'For In and NotIn at least one, for Gt and Lt one whole number, otherwise none.', atomicList),
  },
});

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
}

const nodeSelectorTerm: Message<NodeSelectorTerm> = message({
  name: 'core.v1.NodeSelectorTerm',
  description: 'Conditions that must all hold. An empty term selects no node.',
  atomic: true,
  fields: {
    matchExpressions: list(1, 'Conditions on labels.', nodeSelectorRequirement, atomicList),
    matchFields: list(2, 'Conditions on fields; metadata.name is the only one.', nodeSelectorRequirement, atomicList),
  },
  check: checkNodeSelectorTerm,
});

export interface NodeSelector {
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

const nodeSelector: Message<NodeSelector> = message({
  name: 'core.v1.NodeSelector',
  description: 'Nodes that fit at least one of the terms.',
  atomic: true,
  fields: {
    nodeSelectorTerms: required(list(1, 'The terms.', nodeSelectorTerm, atomicList)),
  },
});

export interface PreferredSchedulingTerm {
  readonly weight: number;
  readonly preference: NodeSelectorTerm;
}

const preferredSchedulingTerm: Message<PreferredSchedulingTerm> = message({
  name: 'core.v1.PreferredSchedulingTerm',
  description: 'A wish for certain nodes.',
  fields: {
    weight: required(int32(1, 'How much it counts.', schedulingWeight)),
    preference: required(nested(2, 'The nodes.', nodeSelectorTerm)),
  },
});

export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredSchedulingTerm[];
}

export const nodeAffinity: Message<NodeAffinity> = message({
  name: 'core.v1.NodeAffinity',
  description: 'On which nodes a pod may or should run.',
  fields: {
    requiredDuringSchedulingIgnoredDuringExecution: nested(1, 'Nodes that come into question at all.', nodeSelector),
    preferredDuringSchedulingIgnoredDuringExecution: list(
      2,
      'Nodes to prefer among those.',
      preferredSchedulingTerm,
      atomicList,
    ),
  },
});
