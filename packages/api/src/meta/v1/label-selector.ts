import { required } from '../../schema/field.ts';
import { list, text, textMap, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkLabelSelector, checkLabelSelectorRequirement } from './label-selector-validation.ts';

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const labelSelectorRequirement: Message<LabelSelectorRequirement> = message({
  name: 'meta.v1.LabelSelectorRequirement',
  description: 'One condition on one label.',
  fields: {
    key: required(text(1, "The label's key.")),
    operator: required(
      text(2, 'How the label relates to the values.', { values: ['DoesNotExist', 'Exists', 'In', 'NotIn'] }),
    ),
    values: texts(3, 'For In and NotIn at least one, for Exists and DoesNotExist none.', atomicList),
  },
  check: checkLabelSelectorRequirement,
});

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export const labelSelector: Message<LabelSelector> = message({
  name: 'meta.v1.LabelSelector',
  description:
    'Selects objects by their labels; all conditions must hold. The empty selector selects everything, an absent one nothing.',
  atomic: true,
  fields: {
    matchLabels: textMap(1, 'Labels that must be there with exactly these values.'),
    matchExpressions: list(2, 'Further conditions.', labelSelectorRequirement, atomicList),
  },
  check: checkLabelSelector,
});
