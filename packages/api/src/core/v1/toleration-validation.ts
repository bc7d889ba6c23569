import type { FaultList } from '../../errors/fault-list.ts';
import { checkLabelValue } from '../../text/name-format.ts';
import type { Toleration } from './taint.ts';

export function checkToleration(toleration: Toleration, faults: FaultList): void {
  const { key, operator = 'Equal', value, effect, tolerationSeconds } = toleration;
  if ((key === undefined || key === '') && operator !== 'Exists') {
    const rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    faults.invalid('operator', operator, rule);
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    faults.invalid('effect', effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (value === undefined || value === '') return;
  if (operator === 'Exists') {
    faults.invalid('operator', value, "value must be empty when `operator` is 'Exists'");
  } else {
    const fault = checkLabelValue(value);
    if (fault !== undefined) faults.invalid('operator', value, fault);
  }
}
