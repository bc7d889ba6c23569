import { type PodTemplateSpec, podTemplateSpec } from '../../core/v1/pod-template.ts';
import { type LabelSelector, labelSelector } from '../../meta/v1/label-selector.ts';
import { required } from '../../schema/field.ts';
import { flag, int32, intOrString, nested, text } from '../../schema/field-builder.ts';
import { type Message, message } from '../../schema/message.ts';
import { fillDeploymentStrategy } from './deployment-defaults.ts';
import { checkDeploymentSpec, checkDeploymentStrategy } from './workload-validation.ts';

export interface RollingUpdateDeployment {
  readonly maxUnavailable?: number | string;
  readonly maxSurge?: number | string;
}

const rollingUpdateDeployment: Message<RollingUpdateDeployment> = message({
  name: 'apps.v1.RollingUpdateDeployment',
  description: 'How many pods may come and go at a time.',
  fields: {
    maxUnavailable: intOrString(1, 'How many may be missing, as a number or a percentage (rounded down).', {
      keepZero: true,
      default: '25%',
    }),
    maxSurge: intOrString(2, 'How many may be there in excess, as a number or a percentage (rounded up).', {
      keepZero: true,
      default: '25%',
    }),
  },
});

export interface DeploymentStrategy {
  readonly type?: string;
  readonly rollingUpdate?: RollingUpdateDeployment;
}

const deploymentStrategy: Message<DeploymentStrategy> = message({
  name: 'apps.v1.DeploymentStrategy',
  description: 'How old pods are replaced by new ones.',
  fields: {
    type: text(1, 'RollingUpdate replaces them little by little, Recreate ends all old ones first.', {
      default: 'RollingUpdate',
      values: ['Recreate', 'RollingUpdate'],
    }),
    rollingUpdate: nested(2, 'Settings of RollingUpdate.', rollingUpdateDeployment),
  },
  fill: fillDeploymentStrategy,
  check: checkDeploymentStrategy,
});

export interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly strategy?: DeploymentStrategy;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly paused?: boolean;
  readonly progressDeadlineSeconds?: number;
}

export const deploymentSpec: Message<DeploymentSpec> = message({
  name: 'apps.v1.DeploymentSpec',
  description: 'How many pods of what kind there are to be, and how they are replaced.',
  fields: {
    replicas: int32(1, 'How many pods.', { keepZero: true, default: 1, min: 0 }),
    selector: required(nested(2, 'The pods that belong to it.', labelSelector, { immutable: true })),
    template: required(nested(3, 'What new pods are made from.', podTemplateSpec)),
    strategy: nested(4, 'How old pods are replaced.', deploymentStrategy, { patchStrategy: 'retainKeys', default: {} }),
    minReadySeconds: int32(5, 'How long a pod must be ready before it counts as available.', { min: 0 }),
    revisionHistoryLimit: int32(6, 'How many old ReplicaSets are kept for going back.', {
      keepZero: true,
      default: 10,
      min: 0,
    }),
    paused: flag(7, 'Whether changes of the template are held back.'),
    progressDeadlineSeconds: int32(9, 'After this time without progress a rollout counts as failed.', {
      keepZero: true,
      default: 600,
      min: 0,
    }),
  },
  check: checkDeploymentSpec,
});
