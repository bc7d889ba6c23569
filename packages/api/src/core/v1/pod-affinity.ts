import { type LabelSelector, labelSelector } from '../../meta/v1/label-selector.ts';
import { required } from '../../schema/field.ts';
import { int32, list, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList, schedulingWeight } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkPodAffinityTerm } from './affinity-validation.ts';
import { type NodeAffinity, nodeAffinity } from './node-affinity.ts';

export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector;
  readonly namespaces?: readonly string[];
  readonly topologyKey: string;
  readonly namespaceSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

const podAffinityTerm: Message<PodAffinityTerm> = message({
  name: 'core.v1.PodAffinityTerm',
  description: 'Selects pods, and what counts as the same place.',
  fields: {
    labelSelector: nested(1, 'The pods meant; absent means none.', labelSelector),
    namespaces: texts(2, "Namespaces in which to look; with namespaceSelector absent too, the pod's own.", atomicList),
    topologyKey: required(text(3, 'Nodes with the same value of this label are one place.')),
    namespaceSelector: nested(4, 'Namespaces in which to look, by label; empty means all.', labelSelector),
    matchLabelKeys: texts(5, 'Labels of the new pod whose values the others must share.', atomicList),
    mismatchLabelKeys: texts(6, 'Labels of the new pod whose values the others must not share.', atomicList),
  },
  check: checkPodAffinityTerm,
});

export interface WeightedPodAffinityTerm {
  readonly weight: number;
  readonly podAffinityTerm: PodAffinityTerm;
}

const weightedPodAffinityTerm: Message<WeightedPodAffinityTerm> = message({
  name: 'core.v1.WeightedPodAffinityTerm',
  description: 'A wish about the neighbourhood of certain pods.',
  fields: {
    weight: required(int32(1, 'How much it counts.', schedulingWeight)),
    podAffinityTerm: required(nested(2, 'The pods and the place.', podAffinityTerm)),
  },
});

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

const podAffinity: Message<PodAffinity> = message({
  name: 'core.v1.PodAffinity',
  description: 'Pods that this one must or should be near to.',
  fields: {
    requiredDuringSchedulingIgnoredDuringExecution: list(
      1,
      'Must all hold when the pod is placed.',
      podAffinityTerm,
      atomicList,
    ),
    preferredDuringSchedulingIgnoredDuringExecution: list(
      2,
      'The more hold, the better.',
      weightedPodAffinityTerm,
      atomicList,
    ),
  },
});

export interface PodAntiAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

const podAntiAffinity: Message<PodAntiAffinity> = message({
  name: 'core.v1.PodAntiAffinity',
  description: 'Pods that this one must or should be away from.',
  fields: {
    requiredDuringSchedulingIgnoredDuringExecution: list(
      1,
      'Must all hold when the pod is placed.',
      podAffinityTerm,
      atomicList,
    ),
    preferredDuringSchedulingIgnoredDuringExecution: list(
      2,
      'The more hold, the better.',
      weightedPodAffinityTerm,
      atomicList,
    ),
  },
});

export interface Affinity {
  readonly nodeAffinity?: NodeAffinity;
  readonly podAffinity?: PodAffinity;
  readonly podAntiAffinity?: PodAntiAffinity;
}

export const affinity: Message<Affinity> = message({
  name: 'core.v1.Affinity',
  description: 'Where a pod may or should run, relative to nodes and to other pods.',
  fields: {
    nodeAffinity: nested(1, 'Rules about nodes.', nodeAffinity),
    podAffinity: nested(2, 'Pods to be near to.', podAffinity),
    podAntiAffinity: nested(3, 'Pods to be away from.', podAntiAffinity),
  },
});
