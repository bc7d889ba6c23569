import type { PodTemplateSpec } from '../../core/v1/pod-template.ts';
import type { FaultList } from '../../errors/fault-list.ts';
import type { LabelSelector } from '../../meta/v1/label-selector.ts';
import { percentOf } from '../../quantity/int-or-string.ts';
import { matchesLabels } from '../../selector/label-requirement.ts';
import { labelSelectorTerms } from '../../selector/label-selector-match.ts';
import type { DeploymentStatus } from './deployment.ts';
import type { DeploymentSpec, DeploymentStrategy } from './deployment-spec.ts';
import type { ReplicaSetSpec } from './replica-set.ts';

export function checkReplicaSetSpec({ selector, template }: ReplicaSetSpec, faults: FaultList): void {
  checkSelector(selector, template, faults);
  checkTemplate(template, faults);
}

export function checkDeploymentSpec(spec: DeploymentSpec, faults: FaultList): void {
  checkSelector(spec.selector, spec.template, faults);
  checkTemplate(spec.template, faults);
  const { progressDeadlineSeconds, minReadySeconds = 0 } = spec;
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    faults.invalid('progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds');
  }
}

export function checkDeploymentStrategy({ type, rollingUpdate }: DeploymentStrategy, faults: FaultList): void {
  if (rollingUpdate === undefined) return;
  if (type === 'Recreate') {
    faults.forbidden('rollingUpdate', "may not be specified when strategy `type` is 'Recreate'");
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  checkShare('rollingUpdate.maxUnavailable', maxUnavailable, faults);
  checkShare('rollingUpdate.maxSurge', maxSurge, faults);
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    faults.invalid('rollingUpdate.maxUnavailable', maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  }
  if (typeof maxUnavailable === 'string' && (percentOf(maxUnavailable) ?? 0) > 100) {
    faults.invalid('rollingUpdate.maxUnavailable', maxUnavailable, 'must not be greater than 100%');
  }
}

export function checkDeploymentStatus(status: DeploymentStatus, faults: FaultList): void {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const [field, count] of Object.entries({ updatedReplicas, readyReplicas, availableReplicas })) {
    if (count > replicas) faults.invalid(field, count, 'cannot be greater than status.replicas');
  }
  if (availableReplicas > readyReplicas) {
    faults.invalid('availableReplicas', availableReplicas, 'cannot be greater than readyReplicas');
  }
}

function checkSelector(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  faults: FaultList,
): void {
  if (selector === undefined) return;
  const terms = labelSelectorTerms(selector);
  if (terms.length === 0) {
    faults.invalid('selector', selector, 'empty selector is invalid for deployment');
    return;
  }
  const labels = template?.metadata?.labels;
  if (!matchesLabels(terms, labels)) {
    faults.invalid('template.metadata.labels', labels ?? {}, '`selector` does not match template `labels`');
  }
}

/** Pods of a workload that outlives them must be restarted for ever. */
function checkTemplate(template: PodTemplateSpec | undefined, faults: FaultList): void {
  const spec = template?.spec;
  if (spec === undefined) return;
  if (spec.restartPolicy !== undefined && spec.restartPolicy !== 'Always') {
    faults.unsupported('template.spec.restartPolicy', spec.restartPolicy, ['Always']);
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    faults.forbidden('template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicaSet is not Supported');
  }
  if ((spec.ephemeralContainers ?? []).length > 0) {
    faults.forbidden('template.spec.ephemeralContainers', 'ephemeral containers not allowed in pod template');
  }
}

function checkShare(field: string, value: number | string, faults: FaultList): void {
  if (typeof value === 'number') {
    if (value < 0) faults.invalid(field, value, 'must be greater than or equal to 0');
  } else if (percentOf(value) === undefined) {
    const rule =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    faults.invalid(field, value, rule);
  }
}

function isNone(value: number | string): boolean {
  return value === 0 || value === '0%';
}
