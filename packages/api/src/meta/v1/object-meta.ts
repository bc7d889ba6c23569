import { required } from '../../schema/field.ts';
import { flag, int64, json, list, text, textMap, texts, time } from '../../schema/field-builder.ts';
import { atomicList, mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkObjectMeta } from './object-meta-validation.ts';

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly apiVersion: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

const ownerReference: Message<OwnerReference> = message({
  name: 'meta.v1.OwnerReference',
  description: 'An object that this one belongs to, and goes with when it is deleted.',
  atomic: true,
  fields: {
    kind: required(text(1, 'Kind of the owner, e.g. ReplicaSet.')),
    name: required(text(3, 'Name of the owner.')),
    uid: required(text(4, 'Uid of the owner; a later object of the same name is another one.')),
    apiVersion: required(text(5, 'Group and version of the owner, e.g. apps/v1.')),
    controller: flag(6, 'Whether this owner is the one controller that manages the object. At most one owner may be.', {
      keepZero: true,
    }),
    blockOwnerDeletion: flag(7, 'Whether a foreground deletion of the owner waits until this object is gone.', {
      keepZero: true,
    }),
  },
});

export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
  readonly subresource?: string;
}

const managedFieldsEntry: Message<ManagedFieldsEntry> = message({
  name: 'meta.v1.ManagedFieldsEntry',
  description: 'What one field manager set by server-side apply or an update.',
  fields: {
    manager: text(1, 'Name of the manager, e.g. kubectl.'),
    operation: text(2, 'What made the entry, Apply or Update.'),
    apiVersion: text(3, 'Version of the object that the field set is written in.'),
    time: time(4, 'When the entry last changed.'),
    fieldsType: text(6, 'Format of fieldsV1; FieldsV1 is the only one.'),
    fieldsV1: json(7, 'The set of fields, as nested keys.'),
    subresource: text(8, 'Sub-resource through which the fields were set; empty for the object itself.'),
  },
});

export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly selfLink?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

export const objectMeta: Message<ObjectMeta> = message({
  name: 'meta.v1.ObjectMeta',
  description: 'What every stored object has besides its own fields.',
  fields: {
    name: text(1, 'Names the object within its namespace (or the cluster) and kind. Cannot be changed.'),
    generateName: text(
      2,
      'Prefix from which the server makes a unique name when name is empty: five random characters are added.',
    ),
    namespace: text(3, 'The namespace of the object; empty for cluster-scoped kinds. Cannot be changed.'),
    selfLink: text(4, 'Not used any more.'),
    uid: text(5, 'Set by the server; differs between any two objects of all times.'),
    resourceVersion: text(
      6,
      'Set by the server; the revision of the last change. Sent with a write, the write is refused when the object has changed since.',
    ),
    generation: int64(7, 'Set by the server; counts the changes to what is desired.'),
    creationTimestamp: time(8, 'Set by the server; when the object was made.'),
    deletionTimestamp: time(
      9,
      'Set by the server when a deletion is asked for; the object goes at this time, or once its finalizers are empty.',
    ),
    deletionGracePeriodSeconds: int64(
      10,
      'Set by the server with deletionTimestamp; how long the object may take to end.',
      { keepZero: true },
    ),
    labels: textMap(11, 'Short keys and values by which objects are selected, e.g. app=web.'),
    annotations: textMap(12, 'Keys and values for tools and people; not selectable.'),
    ownerReferences: list(
      13,
      'Objects that this one belongs to. It is deleted when all of them are gone.',
      ownerReference,
      mergedBy('uid'),
    ),
    finalizers: texts(14, 'Names of those who must do something before the object goes; each removes its own.', {
      listType: 'set',
      patchStrategy: 'merge',
    }),
    managedFields: list(17, 'Who set which fields; kept for server-side apply.', managedFieldsEntry, atomicList),
  },
  check: checkObjectMeta,
});
