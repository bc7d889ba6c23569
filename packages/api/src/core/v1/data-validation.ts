import type { FaultList } from '../../errors/fault-list.ts';
import { base64Length } from '../../schema/base64.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { utf8Length } from '../../schema/field-validation.ts';
import { checkDataKey } from '../../text/name-format.ts';

/** Data of one ConfigMap or Secret together. */
const dataBytesMax = 1024 * 1024;

type Data = Readonly<Record<string, string>> | undefined;

export function checkDataKeys(field: string, data: Data, faults: FaultList): void {
  for (const key of Object.keys(data ?? {})) {
    const fault = checkDataKey(key);
    if (fault !== undefined) faults.invalid(`${field}[${key}]`, key, fault);
  }
}

export function checkDataSize(texts: Data, base64Texts: Data, faults: FaultList, field: string): void {
  let bytes = 0;
  for (const text of Object.values(texts ?? {})) bytes += utf8Length(text);
  for (const text of Object.values(base64Texts ?? {})) bytes += base64Length(text);
  if (bytes > dataBytesMax) faults.tooLong(field, dataBytesMax);
}

/** Once `immutable` is set, it stays and the fields stay as they are. */
export function checkImmutableData<T extends { readonly immutable?: boolean }>(
  next: T,
  old: T,
  fields: readonly (keyof T & string)[],
  faults: FaultList,
): void {
  if (old.immutable !== true) return;
  if (next.immutable !== true) faults.forbidden('immutable', 'field is immutable when `immutable` is set');
  for (const field of fields) {
    if (!deepEqual(next[field], old[field])) faults.forbidden(field, 'field is immutable when `immutable` is set');
  }
}
