import type { FaultList } from '../../errors/fault-list.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import type { Container } from './container.ts';
import type { Pod } from './pod.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Toleration } from './taint.ts';

const rule =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod is what it is: few things may change once it exists. Binding and status have sub-resources of their own. */
export function checkPodUpdate({ spec }: Pod, { spec: old }: Pod, faults: FaultList): void {
  checkDeadline(spec.activeDeadlineSeconds, old.activeDeadlineSeconds, faults);
  checkTolerations(spec.tolerations ?? [], old.tolerations ?? [], faults);
  checkGates(spec, old, faults);
  const changed = Object.keys({ ...spec, ...old }).filter(
    (field) => !deepEqual(fixedPart(spec, field), fixedPart(old, field)),
  );
  if (changed.length > 0) {
    const list = changed.sort().map((field) => `spec.${field}`);
    faults.forbidden('spec', `${rule}; changed: ${list.join(', ')}`);
  }
}

/** The part of a field that may not change. */
function fixedPart(spec: PodSpec, field: string): unknown {
  switch (field) {
    case 'containers':
    case 'initContainers':
      return (spec[field] ?? []).map((container: Container) => ({ ...container, image: undefined }));
    case 'activeDeadlineSeconds':
    case 'tolerations':
    case 'schedulingGates':
      return undefined;
    default:
      return spec[field as keyof PodSpec];
  }
}

function checkDeadline(next: number | undefined, old: number | undefined, faults: FaultList): void {
  if (old === undefined || next === old) return;
  const field = 'spec.activeDeadlineSeconds';
  if (next === undefined) faults.invalid(field, null, 'must not update from a positive integer to nil value');
  else if (next > old) faults.invalid(field, next, `must be less than or equal to previous value (${old})`);
}

function checkTolerations(next: readonly Toleration[], old: readonly Toleration[], faults: FaultList): void {
  const withoutTime = (toleration: Toleration) => ({ ...toleration, tolerationSeconds: undefined });
  const lost = old.find((before) => !next.some((after) => deepEqual(withoutTime(before), withoutTime(after))));
  if (lost !== undefined) {
    faults.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds');
  }
}

function checkGates({ schedulingGates = [] }: PodSpec, old: PodSpec, faults: FaultList): void {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  for (const { name } of schedulingGates) {
    if (!before.has(name)) {
      faults.forbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${name}'`);
    }
  }
}
