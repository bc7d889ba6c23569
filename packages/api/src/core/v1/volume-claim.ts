import { type LabelSelector, labelSelector } from '../../meta/v1/label-selector.ts';
import { type ObjectMeta, objectMeta } from '../../meta/v1/object-meta.ts';
import { required } from '../../schema/field.ts';
import { flag, nested, quantityMap, text, texts } from '../../schema/field-builder.ts';
import { atomicList } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';

export interface PersistentVolumeClaimVolumeSource {
  readonly claimName: string;
  readonly readOnly?: boolean;
}

export const persistentVolumeClaimVolumeSource: Message<PersistentVolumeClaimVolumeSource> = message({
  name: 'core.v1.PersistentVolumeClaimVolumeSource',
  description: 'The volume behind a claim.',
  fields: {
    claimName: required(text(1, 'Name of the claim.')),
    readOnly: flag(2, 'Whether it cannot be written.'),
  },
});

export interface VolumeResourceRequirements {
  readonly limits?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
}

const volumeResourceRequirements: Message<VolumeResourceRequirements> = message({
  name: 'core.v1.VolumeResourceRequirements',
  description: 'The size of a volume.',
  fields: {
    limits: quantityMap(1, 'The most.'),
    requests: quantityMap(2, 'The least.'),
  },
});

export interface TypedLocalObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

const typedLocalObjectReference: Message<TypedLocalObjectReference> = message({
  name: 'core.v1.TypedLocalObjectReference',
  description: 'Names an object of the same namespace, of any kind.',
  atomic: true,
  fields: {
    apiGroup: text(1, 'Its API group; absent for core.', { keepZero: true }),
    kind: required(text(2, 'Its kind.')),
    name: required(text(3, 'Its name.')),
  },
});

export interface TypedObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const typedObjectReference: Message<TypedObjectReference> = message({
  name: 'core.v1.TypedObjectReference',
  description: 'Names an object of any kind and namespace.',
  fields: {
    apiGroup: text(1, 'Its API group; absent for core.', { keepZero: true }),
    kind: required(text(2, 'Its kind.')),
    name: required(text(3, 'Its name.')),
    namespace: text(4, 'Its namespace; absent for the same one.', { keepZero: true }),
  },
});

export interface PersistentVolumeClaimSpec {
  readonly accessModes?: readonly string[];
  readonly resources?: VolumeResourceRequirements;
  readonly volumeName?: string;
  readonly selector?: LabelSelector;
  readonly storageClassName?: string;
  readonly volumeMode?: string;
  readonly dataSource?: TypedLocalObjectReference;
  readonly dataSourceRef?: TypedObjectReference;
  readonly volumeAttributesClassName?: string;
}

const persistentVolumeClaimSpec: Message<PersistentVolumeClaimSpec> = message({
  name: 'core.v1.PersistentVolumeClaimSpec',
  description: 'What volume is claimed.',
  fields: {
    accessModes: texts(1, 'How it is to be mounted.', atomicList),
    resources: nested(2, 'How large it must be.', volumeResourceRequirements, { default: {} }),
    volumeName: text(3, 'The volume that was bound.'),
    selector: nested(4, 'Which volumes come into question.', labelSelector),
    storageClassName: text(5, 'The class that makes it.', { keepZero: true }),
    volumeMode: text(6, 'File system or block device.', { keepZero: true, values: ['Block', 'Filesystem'] }),
    dataSource: nested(7, 'What it is filled from.', typedLocalObjectReference),
    dataSourceRef: nested(8, 'What it is filled from, of any kind.', typedObjectReference),
    volumeAttributesClassName: text(9, 'The class of changeable attributes.', { keepZero: true }),
  },
});

export interface PersistentVolumeClaimTemplate {
  readonly metadata?: ObjectMeta;
  readonly spec: PersistentVolumeClaimSpec;
}

const persistentVolumeClaimTemplate: Message<PersistentVolumeClaimTemplate> = message({
  name: 'core.v1.PersistentVolumeClaimTemplate',
  description: 'A claim to be made.',
  fields: {
    metadata: nested(1, 'Labels and annotations of the claim.', objectMeta),
    spec: required(nested(2, 'What is claimed.', persistentVolumeClaimSpec)),
  },
});

export interface EphemeralVolumeSource {
  readonly volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

export const ephemeralVolumeSource: Message<EphemeralVolumeSource> = message({
  name: 'core.v1.EphemeralVolumeSource',
  description: 'A claim that lives as long as the pod.',
  fields: {
    volumeClaimTemplate: nested(1, 'The claim.', persistentVolumeClaimTemplate),
  },
});
