import type { FaultList } from '../../errors/fault-list.ts';
import type { ConfigMap } from './config-map.ts';
import { checkDataKeys, checkDataSize } from './data-validation.ts';

export function checkConfigMap({ data, binaryData }: ConfigMap, faults: FaultList): void {
  checkDataKeys('data', data, faults);
  checkDataKeys('binaryData', binaryData, faults);
  for (const key of Object.keys(data ?? {})) {
    if (binaryData !== undefined && Object.hasOwn(binaryData, key)) {
      faults.invalid(`data[${key}]`, key, `duplicate of key present in binaryData`);
    }
  }
  checkDataSize(data, binaryData, faults, '');
}
