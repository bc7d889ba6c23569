import { typeFields } from '../../kind/api-object.ts';
import { int32, list, nested, text } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { type ListMeta, listMeta } from './list-meta.ts';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

const statusCause: Message<StatusCause> = message({
  name: 'meta.v1.StatusCause',
  description: 'One reason why a request failed.',
  fields: {
    reason: text(1, 'Machine-readable, e.g. FieldValueRequired.'),
    message: text(2, 'For people.'),
    field: text(3, 'Path of the field, e.g. spec.containers[0].name.'),
  },
});

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
  readonly uid?: string;
}

const statusDetails: Message<StatusDetails> = message({
  name: 'meta.v1.StatusDetails',
  description: 'What a Status is about.',
  fields: {
    name: text(1, 'Name of the object.'),
    group: text(2, 'API group of the kind.'),
    kind: text(3, 'Resource or kind of the object.'),
    causes: list(4, 'Single reasons, e.g. every field that is wrong.', statusCause, atomicList),
    retryAfterSeconds: int32(5, 'How long to wait before trying again.'),
    uid: text(6, 'Uid of the object.'),
  },
});

export interface Status {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata?: ListMeta;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export const status: Message<Status> = message({
  name: 'meta.v1.Status',
  description: 'The outcome of a request that answers no object.',
  fields: {
    ...typeFields,
    metadata: nested(1, 'Of no use here but for a continue token.', listMeta),
    status: text(2, 'Success or Failure.'),
    message: text(3, 'The outcome in a sentence.'),
    reason: text(4, 'Machine-readable reason of a failure, e.g. NotFound.'),
    details: nested(5, 'What the outcome is about.', statusDetails),
    code: int32(6, 'HTTP status code.'),
  },
});
