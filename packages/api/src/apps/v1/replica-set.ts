import { type PodTemplateSpec, podTemplateSpec } from '../../core/v1/pod-template.ts';
import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, scaleSubresource, specDiffers, statusSubresource } from '../../kind/kind.ts';
import { ageColumn, nameColumn, numberColumn } from '../../kind/table-column.ts';
import { type LabelSelector, labelSelector } from '../../meta/v1/label-selector.ts';
import { filled, required } from '../../schema/field.ts';
import { int32, int64, list, nested, text, time } from '../../schema/field-builder.ts';
import { mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { templateColumns } from './template-columns.ts';
import { checkReplicaSetSpec } from './workload-validation.ts';

export interface ReplicaSetCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

const replicaSetCondition: Message<ReplicaSetCondition> = message({
  name: 'apps.v1.ReplicaSetCondition',
  description: 'One observation about a ReplicaSet.',
  fields: {
    type: required(text(1, 'What is observed, e.g. ReplicaFailure.')),
    status: required(text(2, 'Whether it is so.', { values: ['False', 'True', 'Unknown'] })),
    lastTransitionTime: time(3, 'When status last changed.'),
    reason: text(4, 'Why, as one word.'),
    message: text(5, 'Why, in a sentence.'),
  },
});

export interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly selector: LabelSelector;
  readonly template?: PodTemplateSpec;
}

const replicaSetSpec: Message<ReplicaSetSpec> = message({
  name: 'apps.v1.ReplicaSetSpec',
  description: 'How many pods of what kind there are to be.',
  fields: {
    replicas: int32(1, 'How many.', { keepZero: true, default: 1, min: 0 }),
    minReadySeconds: int32(4, 'How long a pod must be ready before it counts as available.', { min: 0 }),
    selector: required(nested(2, 'The pods that belong to it.', labelSelector, { immutable: true })),
    template: nested(3, 'What new pods are made from.', podTemplateSpec, { default: {} }),
  },
  check: checkReplicaSetSpec,
});

export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly observedGeneration?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly ReplicaSetCondition[];
  readonly terminatingReplicas?: number;
}

const replicaSetStatus: Message<ReplicaSetStatus> = message({
  name: 'apps.v1.ReplicaSetStatus',
  description: 'How many pods there are.',
  fields: {
    replicas: filled(int32(1, 'All of them.', { min: 0 })),
    fullyLabeledReplicas: int32(2, 'Those with all labels of the template.', { min: 0 }),
    observedGeneration: int64(3, 'Generation that this status is about.', { min: 0 }),
    readyReplicas: int32(4, 'Those that are ready.', { min: 0 }),
    availableReplicas: int32(5, 'Those that have been ready for minReadySeconds.', { min: 0 }),
    conditions: list(6, 'Observations.', replicaSetCondition, mergedBy('type')),
    terminatingReplicas: int32(7, 'Those that are ending.', { keepZero: true, min: 0 }),
  },
});

export interface ReplicaSet extends ApiObject {
  readonly spec: ReplicaSetSpec;
  readonly status?: ReplicaSetStatus;
}

const replicaSetMessage: Message<ReplicaSet> = message({
  name: 'apps.v1.ReplicaSet',
  description: 'Keeps a number of equal pods running.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'How many of what.', replicaSetSpec)),
    status: nested(3, 'How many there are.', replicaSetStatus, { default: { replicas: 0 } }),
  },
});

export const replicaSet: Kind<ReplicaSet> = kind({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  message: replicaSetMessage,
  verbs: allVerbs,
  subresources: [statusSubresource, scaleSubresource],
  nameFault: checkDnsSubdomain,
  prepareForCreate: (object) => {
    object.status = { replicas: 0 };
  },
  specChanged: specDiffers,
  columns: [
    nameColumn,
    numberColumn('Desired', 'Pods that there are to be.', ({ spec }) => spec.replicas ?? 0),
    numberColumn('Current', 'Pods that there are.', ({ status }) => status?.replicas ?? 0),
    numberColumn('Ready', 'Pods that are ready.', ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],
  selectableFields: {
    'status.replicas': ({ status }) => String(status?.replicas ?? 0),
  },
});
