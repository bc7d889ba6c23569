import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { required } from '../../schema/field.ts';
import { nested } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkBinding } from './binding-validation.ts';
import { type ObjectReference, objectReference } from './object-reference.ts';

export interface Binding extends ApiObject {
  readonly target: ObjectReference;
}

export const bindingMessage: Message<Binding> = message({
  name: 'core.v1.Binding',
  description: 'Puts a pod on a node; posted to the sub-resource binding of a pod.',
  fields: {
    ...apiObjectFields,
    target: required(nested(2, 'The node.', objectReference)),
  },
  check: checkBinding,
});
