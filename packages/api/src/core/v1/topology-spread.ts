import { type LabelSelector, labelSelector } from '../../meta/v1/label-selector.ts';
import { required } from '../../schema/field.ts';
import { int32, nested, text, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkTopologySpreadConstraint } from './affinity-validation.ts';

export interface TopologySpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: string;
  readonly labelSelector?: LabelSelector;
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
  readonly matchLabelKeys?: readonly string[];
}

export const topologySpreadConstraint: Message<TopologySpreadConstraint> = message({
  name: 'core.v1.TopologySpreadConstraint',
  description: 'How evenly pods are spread over places.',
  fields: {
    maxSkew: required(
      int32(1, 'The largest difference allowed between the number of pods in a place and the smallest number.'),
    ),
    topologyKey: required(text(2, 'Nodes with the same value of this label are one place.')),
    whenUnsatisfiable: required(
      text(3, 'Whether a pod waits or is placed all the same.', { values: ['DoNotSchedule', 'ScheduleAnyway'] }),
    ),
    labelSelector: nested(4, 'The pods that are counted.', labelSelector),
    minDomains: int32(5, 'With fewer places than this the smallest number counts as 0.', { keepZero: true }),
    nodeAffinityPolicy: text(
      6,
      "Whether nodes that the pod's node selectors exclude are left out; absent means Honor.",
      { keepZero: true, values: ['Honor', 'Ignore'] },
    ),
    nodeTaintsPolicy: text(
      7,
      'Whether nodes with taints that the pod does not tolerate are left out; absent means Ignore.',
      { keepZero: true, values: ['Honor', 'Ignore'] },
    ),
    matchLabelKeys: texts(8, 'Labels of the new pod whose values the counted ones must share.', atomicList),
  },
  check: checkTopologySpreadConstraint,
});
