import { type ApiObject, apiObjectFields } from '../../kind/api-object.ts';
import { allVerbs, type Kind, kind, scaleSubresource, specDiffers, statusSubresource } from '../../kind/kind.ts';
import { ageColumn, nameColumn, numberColumn, textColumn } from '../../kind/table-column.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { filled, required } from '../../schema/field.ts';
import { int32, int64, list, nested, text, time } from '../../schema/field-builder.ts';
import { mergedBy } from '../../schema/field-facts.ts';
import { type Message, message } from '../../schema/message.ts';
import { checkDnsSubdomain } from '../../text/name-format.ts';
import { type DeploymentSpec, deploymentSpec } from './deployment-spec.ts';
import { templateColumns } from './template-columns.ts';
import { checkDeploymentStatus } from './workload-validation.ts';

export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

const deploymentCondition: Message<DeploymentCondition> = message({
  name: 'apps.v1.DeploymentCondition',
  description: 'One observation about a Deployment.',
  fields: {
    type: required(text(1, 'What is observed: Available, Progressing, ReplicaFailure.')),
    status: required(text(2, 'Whether it is so.', { values: ['False', 'True', 'Unknown'] })),
    reason: text(4, 'Why, as one word.'),
    message: text(5, 'Why, in a sentence.'),
    lastUpdateTime: time(6, 'When it was last confirmed.'),
    lastTransitionTime: time(7, 'When status last changed.'),
  },
});

export interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly conditions?: readonly DeploymentCondition[];
  readonly readyReplicas?: number;
  readonly collisionCount?: number;
  readonly terminatingReplicas?: number;
}

const deploymentStatus: Message<DeploymentStatus> = message({
  name: 'apps.v1.DeploymentStatus',
  description: 'How far a Deployment is.',
  fields: {
    observedGeneration: int64(1, 'Generation that this status is about.', { min: 0 }),
    replicas: int32(2, 'All pods.', { min: 0 }),
    updatedReplicas: int32(3, 'Pods of the present template.', { min: 0 }),
    availableReplicas: int32(4, 'Pods that have been ready for minReadySeconds.', { min: 0 }),
    unavailableReplicas: int32(5, 'Pods still missing.', { min: 0 }),
    conditions: list(6, 'Observations.', deploymentCondition, mergedBy('type')),
    readyReplicas: int32(7, 'Pods that are ready.', { min: 0 }),
    collisionCount: int32(8, 'How often two templates met in one hash.', { keepZero: true, min: 0 }),
    terminatingReplicas: int32(9, 'Pods that are ending.', { keepZero: true, min: 0 }),
  },
  check: checkDeploymentStatus,
});

export interface Deployment extends ApiObject {
  readonly spec: DeploymentSpec;
  readonly status?: DeploymentStatus;
}

const deploymentMessage: Message<Deployment> = message({
  name: 'apps.v1.Deployment',
  description: 'Rolls out pods and keeps them running.',
  fields: {
    ...apiObjectFields,
    spec: filled(nested(2, 'How many of what.', deploymentSpec)),
    status: nested(3, 'How far it is.', deploymentStatus, { default: {} }),
  },
});

export const deployment: Kind<Deployment> = kind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  message: deploymentMessage,
  verbs: allVerbs,
  subresources: [statusSubresource, scaleSubresource],
  nameFault: checkDnsSubdomain,
  prepareForCreate: (object) => {
    object.status = {};
  },
  // Annotations count: they are copied to the ReplicaSets, so the controller has to look.
  specChanged: (object, old) =>
    specDiffers(object, old) || !deepEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {}),
  columns: [
    nameColumn,
    textColumn('Ready', 'Pods that are ready, of those that there are to be.', readyText),
    numberColumn('Up-to-date', 'Pods of the present template.', ({ status }) => status?.updatedReplicas ?? 0),
    numberColumn('Available', 'Pods that can be relied on.', ({ status }) => status?.availableReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],
  selectableFields: {},
});

function readyText({ spec, status }: Deployment): string {
  return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`;
}
