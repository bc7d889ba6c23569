import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { type DeleteOptions, deleteOptionsMessage } from '../../meta/v1/delete-options.ts';
import { nested } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';

export interface Eviction extends ApiObject {
  readonly deleteOptions?: DeleteOptions;
}

export const evictionMessage: Message<Eviction> = message({
  name: 'policy.v1.Eviction',
  description:
    'Asks for the end of a pod, unless a disruption budget is against it; posted to the sub-resource eviction of a pod.',
  fields: {
    ...apiObjectFields,
    deleteOptions: nested(2, 'How the pod is to be deleted.', deleteOptionsMessage),
  },
});
