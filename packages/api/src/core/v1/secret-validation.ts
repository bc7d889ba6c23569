import type { FaultList } from '../../errors/fault-list.ts';
import { base64Decode } from '../../schema/base64.ts';
import { checkDataKeys, checkDataSize } from './data-validation.ts';
import type { Secret } from './secret.ts';

/** Keys that must be there, by type. For the types that Kubernetes defines. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const serviceAccountName = 'kubernetes.io/service-account.name';

export function checkSecret(secret: Secret, faults: FaultList): void {
  const { data, type = '' } = secret;
  checkDataKeys('data', data, faults);
  checkDataSize(undefined, data, faults, 'data');
  for (const key of neededKeys[type] ?? []) {
    if (data === undefined || !Object.hasOwn(data, key)) faults.required(`data[${key}]`);
  }
  if (type === 'kubernetes.io/dockercfg') checkJson(data, '.dockercfg', faults);
  if (type === 'kubernetes.io/dockerconfigjson') checkJson(data, '.dockerconfigjson', faults);
  if (type === 'kubernetes.io/basic-auth' && data?.['username'] === undefined && data?.['password'] === undefined) {
    faults.required('data[username]');
    faults.required('data[password]');
  }
  if (
    type === 'kubernetes.io/service-account-token' &&
    (secret.metadata.annotations?.[serviceAccountName] ?? '') === ''
  ) {
    faults.required(`metadata.annotations[${serviceAccountName}]`);
  }
}

function checkJson(data: Secret['data'], key: string, faults: FaultList): void {
  const text = data?.[key];
  if (text === undefined) return;
  try {
    JSON.parse(new TextDecoder().decode(base64Decode(text)));
  } catch {
    faults.invalid(`data[${key}]`, '<secret contents redacted>', 'must be JSON');
  }
}
