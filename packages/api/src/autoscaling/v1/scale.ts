import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { filled } from '../../schema/field.ts';
import { int32, nested, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';

export interface ScaleSpec {
  readonly replicas?: number;
}

const scaleSpec: Message<ScaleSpec> = message({
  name: 'autoscaling.v1.ScaleSpec',
  description: 'How many.',
  fields: {
    replicas: int32(1, 'The wished number.', { min: 0 }),
  },
});

export interface ScaleStatus {
  readonly replicas: number;
  readonly selector?: string;
}

const scaleStatus: Message<ScaleStatus> = message({
  name: 'autoscaling.v1.ScaleStatus',
  description: 'How many there are.',
  fields: {
    replicas: filled(int32(1, 'The present number.')),
    selector: text(2, 'The pods counted, as text.'),
  },
});

export interface Scale extends ApiObject {
  readonly spec: ScaleSpec;
  readonly status?: ScaleStatus;
}

export const scaleMessage: Message<Scale> = message({
  name: 'autoscaling.v1.Scale',
  description: 'The number of replicas of a workload; read and written at its sub-resource scale.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'How many.', scaleSpec)),
    status: nested(3, 'How many there are.', scaleStatus, { default: { replicas: 0 } }),
  },
});
