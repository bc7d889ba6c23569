import { required } from '../../schema/field.ts';
import { int64, text, time } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { labelValue, qualifiedName } from '../../schema/text-formats.ts';
import { checkToleration } from './toleration-validation.ts';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export const taint: Message<Taint> = message({
  name: 'core.v1.Taint',
  description: 'Keeps pods that do not tolerate it away from a node.',
  fields: {
    key: required(text(1, "The taint's key.", { format: qualifiedName })),
    value: text(2, "The taint's value.", { format: labelValue }),
    effect: required(
      text(3, 'NoSchedule keeps new pods away, PreferNoSchedule tries to, NoExecute also ends those that run.', {
        values: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'],
      }),
    ),
    timeAdded: time(4, 'When it was added; set for NoExecute.'),
  },
});

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

export const toleration: Message<Toleration> = message({
  name: 'core.v1.Toleration',
  description: 'Lets a pod run on a node in spite of a taint.',
  fields: {
    key: text(1, "The taint's key; empty with Exists means every taint.", { format: qualifiedName }),
    operator: text(2, 'Equal compares the value, Exists does not; absent means Equal.', {
      values: ['Equal', 'Exists'],
    }),
    value: text(3, "The taint's value."),
    effect: text(4, "The taint's effect; empty means every effect.", {
      values: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'],
    }),
    tolerationSeconds: int64(5, 'For NoExecute: how long the pod stays; absent means for ever.', { keepZero: true }),
  },
  check: checkToleration,
});
