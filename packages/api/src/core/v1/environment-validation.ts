import type { FaultList } from '../../errors/fault-list.ts';
import { checkEnvironmentName } from '../../text/name-format.ts';
import { checkFieldPath, checkResourceField, environmentFieldPaths } from './downward-fields.ts';
import type { EnvFromSource, EnvVar, EnvVarSource } from './environment.ts';
import { checkKeyReference, checkReference } from './reference-validation.ts';

export function checkEnvVar(variable: EnvVar, faults: FaultList): void {
  const nameFault = variable.name === undefined ? undefined : checkEnvironmentName(variable.name);
  if (nameFault !== undefined && variable.name !== '') faults.invalid('name', variable.name, nameFault);
  if (variable.valueFrom !== undefined) checkValueFrom(variable, variable.valueFrom, faults);
}

function checkValueFrom(variable: EnvVar, source: EnvVarSource, faults: FaultList): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(
    (entry) => entry !== undefined,
  ).length;
  if (variable.value !== undefined && variable.value !== '') {
    faults.invalid('valueFrom', '', 'may not be specified when `value` is not empty');
  } else if (given === 0) {
    const rule = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    faults.invalid('valueFrom', '', rule);
  } else if (given > 1) {
    faults.invalid('valueFrom', '', 'may not have more than one field specified at a time');
  }
  faults.within('valueFrom', () => {
    if (fieldRef !== undefined) checkFieldPath('fieldRef', fieldRef, environmentFieldPaths, faults);
    if (resourceFieldRef !== undefined) checkResourceField('resourceFieldRef', resourceFieldRef, faults);
    if (configMapKeyRef !== undefined) checkKeyReference('configMapKeyRef', configMapKeyRef, faults);
    if (secretKeyRef !== undefined) checkKeyReference('secretKeyRef', secretKeyRef, faults);
  });
}

export function checkEnvFromSource(source: EnvFromSource, faults: FaultList): void {
  const { configMapRef, secretRef } = source;
  if (configMapRef === undefined && secretRef === undefined) {
    faults.invalid('', '', 'must specify one of: `configMapRef` or `secretRef`');
  }
  if (configMapRef !== undefined && secretRef !== undefined) {
    faults.invalid('', '', 'may not have more than one field specified at a time');
  }
  if (configMapRef !== undefined) checkReference('configMapRef', configMapRef, faults);
  if (secretRef !== undefined) checkReference('secretRef', secretRef, faults);
}
