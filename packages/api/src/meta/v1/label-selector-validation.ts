import type { FaultList } from '../../errors/fault-list.ts';
import { checkLabelValue, checkQualifiedName } from '../../text/name-format.ts';
import type { LabelSelector, LabelSelectorRequirement } from './label-selector.ts';
import { checkLabels } from './object-meta-validation.ts';

export function checkLabelSelector(selector: LabelSelector, faults: FaultList): void {
  checkLabels('matchLabels', selector.matchLabels, faults);
}

export function checkLabelSelectorRequirement(requirement: LabelSelectorRequirement, faults: FaultList): void {
  const { key, operator, values = [] } = requirement;
  const wantsValues = operator === 'In' || operator === 'NotIn';
  if (wantsValues && values.length === 0) {
    faults.required('values', "must be specified when `operator` is 'In' or 'NotIn'");
  }
  if (!wantsValues && values.length > 0) {
    faults.forbidden('values', "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  }
  const keyFault = key === undefined || key === '' ? undefined : checkQualifiedName(key);
  if (keyFault !== undefined) faults.invalid('key', key, keyFault);
  values.forEach((value, index) => {
    const fault = checkLabelValue(value);
    if (fault !== undefined) faults.invalid(`values[${index}]`, value, fault);
  });
}
