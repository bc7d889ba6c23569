import { text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';

export interface ObjectReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export const objectReference: Message<ObjectReference> = message({
  name: 'core.v1.ObjectReference',
  description: 'Names another object, or a part of it.',
  atomic: true,
  fields: {
    kind: text(1, 'Kind of the object.'),
    namespace: text(2, 'Namespace of the object; empty for cluster-scoped kinds.'),
    name: text(3, 'Name of the object.'),
    uid: text(4, 'Uid of the object.'),
    apiVersion: text(5, 'Group and version of the object.'),
    resourceVersion: text(6, 'The version of the object that is meant.'),
    fieldPath: text(7, 'The part of the object that is meant, e.g. spec.containers{web}.'),
  },
});

export interface LocalObjectReference {
  readonly name?: string;
}

export const localObjectReference: Message<LocalObjectReference> = message({
  name: 'core.v1.LocalObjectReference',
  description: 'Names an object of the same namespace.',
  atomic: true,
  fields: {
    name: text(1, 'Name of the object.'),
  },
});
