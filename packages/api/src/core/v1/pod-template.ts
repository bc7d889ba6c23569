import { type ObjectMeta, objectMeta } from '../../meta/v1/object-meta.ts';
import { nested } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { type PodSpec, podSpec } from './pod-spec.ts';

export interface PodTemplateSpec {
  readonly metadata?: ObjectMeta;
  readonly spec?: PodSpec;
}

export const podTemplateSpec: Message<PodTemplateSpec> = message({
  name: 'core.v1.PodTemplateSpec',
  description: 'What pods are made from.',
  fields: {
    metadata: nested(1, 'Labels and annotations of the pods.', objectMeta, { default: {} }),
    spec: nested(2, 'What the pods are to be.', podSpec, { default: { containers: [] } }),
  },
});
