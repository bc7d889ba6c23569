import {
  type Container,
  cpuMillis,
  type Pod,
  parseQuantity,
  type ResourceFieldSelector,
  wholeAmount,
} from '@berth/api';
import { PodStepError } from '../pod/pod-ports.ts';

/** What a pod may learn about itself besides its own object. */
export interface DownwardFacts {
  readonly nodeName: string;
  readonly hostIps: readonly string[];
  readonly podIp: string;
  /** What the node offers to pods, e.g. `{ cpu: '2', memory: '8Gi' }`: the limit of a container that has none. */
  readonly allocatable: Readonly<Record<string, string>>;
}

const subscripted = /^metadata\.(labels|annotations)\['([^']*)'\]$/;

/** The value of a `fieldRef` (core/v1 ObjectFieldSelector). */
export function fieldValue(pod: Pod, fieldPath: string, facts: DownwardFacts): string {
  const { metadata, spec } = pod;
  const entry = subscripted.exec(fieldPath);
  if (entry !== null) return metadata[entry[1] as 'labels' | 'annotations']?.[entry[2] ?? ''] ?? '';
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return mapText(metadata.labels);
    case 'metadata.annotations':
      return mapText(metadata.annotations);
    case 'spec.nodeName':
      return facts.nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
      return facts.hostIps[0] ?? '';
    case 'status.hostIPs':
      return facts.hostIps.join(',');
    case 'status.podIP':
    case 'status.podIPs':
      return spec.hostNetwork === true ? (facts.hostIps[0] ?? '') : facts.podIp;
    default:
      throw new PodStepError('CreateContainerConfigError', `unsupported fieldPath: ${fieldPath}`);
  }
}

/** One `key="value"` a line, sorted, with Go's quoting: the form of the downward API's files. */
function mapText(entries: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(entries ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** The value of a `resourceFieldRef`, in units of its divisor, rounded up. */
export function resourceFieldValue(
  container: Container,
  { resource, divisor }: Pick<ResourceFieldSelector, 'resource' | 'divisor'>,
  facts: DownwardFacts,
): string {
  const [kind, name] = splitResource(resource);
  const { limits, requests } = container.resources ?? {};
  const own = kind === 'limits' ? limits?.[name] : requests?.[name];
  const amount = own ?? (kind === 'limits' ? facts.allocatable[name] : undefined) ?? '0';
  const unit = divisor === undefined || divisor === '0' || divisor === '' ? '1' : divisor;
  return name === 'cpu'
    ? String(Math.ceil(cpuMillis(amount) / cpuMillis(unit)))
    : String(ceilDivide(BigInt(wholeAmount(amount)) * 1_000_000_000n, parseQuantity(unit).nanos));
}

function splitResource(resource: string): readonly ['limits' | 'requests', string] {
  const at = resource.indexOf('.');
  const kind = resource.slice(0, at);
  if (kind !== 'limits' && kind !== 'requests') {
    const message = `unsupported container resource: ${resource}; it must begin with "limits." or "requests."`;
    throw new PodStepError('CreateContainerConfigError', message);
  }
  return [kind, resource.slice(at + 1)];
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
