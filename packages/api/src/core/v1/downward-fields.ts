import type { FaultList } from '../../errors/fault-list.ts';
import { checkQualifiedName } from '../../text/name-format.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from './environment.ts';

/** Fields of a pod that its containers may read as variables. */
export const environmentFieldPaths: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of a pod that its containers may read as files. */
export const volumeFieldPaths: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const resourceFields: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const divisors: Readonly<Record<string, readonly string[]>> = {
  cpu: ['1m', '1', '0'],
  memory: ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei', '0'],
};

const subscript = /^(metadata\.(?:labels|annotations))\['([^']*)'\]$/;

export function checkFieldPath(
  field: string,
  { apiVersion, fieldPath }: ObjectFieldSelector,
  supported: readonly string[],
  faults: FaultList,
): void {
  if (apiVersion !== undefined && apiVersion !== 'v1') faults.unsupported(`${field}.apiVersion`, apiVersion, ['v1']);
  if (fieldPath === undefined || fieldPath === '') return;
  const parts = subscript.exec(fieldPath);
  if (parts === null) {
    if (!supported.includes(fieldPath)) faults.unsupported(`${field}.fieldPath`, fieldPath, supported);
    return;
  }
  const key = parts[2] ?? '';
  const fault = checkQualifiedName(parts[1] === 'metadata.annotations' ? key.toLowerCase() : key);
  if (fault !== undefined) faults.invalid(`${field}.fieldPath`, fieldPath, fault);
}

/** In volumes the container must be named: there is none that the file belongs to. */
export function checkResourceField(
  field: string,
  { resource, divisor, containerName }: ResourceFieldSelector,
  faults: FaultList,
  { containerNeeded }: { readonly containerNeeded: boolean } = { containerNeeded: false },
): void {
  if (containerNeeded && (containerName === undefined || containerName === ''))
    faults.required(`${field}.containerName`);
  if (resource === undefined || resource === '') return;
  if (!resourceFields.includes(resource)) {
    faults.unsupported(`${field}.resource`, resource, resourceFields);
    return;
  }
  const isCpu = resource.endsWith('.cpu');
  if (divisor === undefined || divisors[isCpu ? 'cpu' : 'memory']?.includes(divisor)) return;
  const rule = isCpu
    ? "only divisor's values 1m and 1 are supported with the cpu resource"
    : "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with this resource";
  faults.invalid(`${field}.divisor`, divisor, rule);
}
