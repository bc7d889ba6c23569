import { required } from '../../schema/field.ts';
import { int64, text, time } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export const condition: Message<Condition> = message({
  name: 'meta.v1.Condition',
  description: 'One observation about an object, in a form shared by many kinds.',
  fields: {
    type: required(text(1, 'What is observed, e.g. Ready.')),
    status: required(text(2, 'Whether it is so.', { values: ['False', 'True', 'Unknown'] })),
    observedGeneration: int64(3, 'Generation of the object that was observed.', { min: 0 }),
    lastTransitionTime: required(time(4, 'When status last changed.')),
    reason: required(text(5, 'Why, as one word.', { bytesMax: 1024 })),
    message: required(text(6, 'Why, in a sentence; may be empty.', { bytesMax: 32768, mayBeEmpty: true })),
  },
});
