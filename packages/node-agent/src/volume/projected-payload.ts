import type { ConfigMap, DownwardAPIVolumeFile, Pod, Secret, Volume, VolumeProjection } from '@berth/api';
import type { ConfigView } from '../container/config-store.ts';
import { type DownwardFacts, fieldValue, resourceFieldValue } from '../container/downward-value.ts';
import { namedContainer } from '../container/environment.ts';
import { keyedPayload, mountError, type Payload, type PayloadFile, safePath } from './volume-payload.ts';

export interface PayloadSources {
  readonly config: ConfigView;
  readonly facts: DownwardFacts;
}

const modeDefault = 0o644;

/** The files of a configMap, secret, downwardAPI or projected volume; undefined for volumes of other kinds. */
export function volumePayload(pod: Pod, volume: Volume, sources: PayloadSources): Payload | undefined {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  if (configMap !== undefined) {
    return configMapPayload(pod, name, configMap, configMap.defaultMode ?? modeDefault, sources);
  }
  if (secret !== undefined) {
    const { secretName, ...rest } = secret;
    const reference = { ...rest, ...(secretName === undefined ? {} : { name: secretName }) };
    return secretPayload(pod, name, reference, secret.defaultMode ?? modeDefault, sources);
  }
  if (downwardAPI !== undefined) {
    return downwardPayload(pod, name, downwardAPI.items ?? [], downwardAPI.defaultMode ?? modeDefault, sources);
  }
  if (projected === undefined) return undefined;
  const mode = projected.defaultMode ?? modeDefault;
  return new Map((projected.sources ?? []).flatMap((source) => [...projection(pod, name, source, mode, sources)]));
}

/** Tokens of service accounts are not issued yet: what stands beside them is mounted, and an event says what is missing. */
function projection(
  pod: Pod,
  volume: string,
  { configMap, secret, downwardAPI }: VolumeProjection,
  mode: number,
  sources: PayloadSources,
): Payload {
  if (configMap !== undefined) return configMapPayload(pod, volume, configMap, mode, sources);
  if (secret !== undefined) return secretPayload(pod, volume, secret, mode, sources);
  if (downwardAPI !== undefined) return downwardPayload(pod, volume, downwardAPI.items ?? [], mode, sources);
  return new Map();
}

interface ObjectSource {
  readonly name?: string;
  readonly items?: Parameters<typeof keyedPayload>[1]['items'];
  readonly optional?: boolean;
}

function configMapPayload(
  pod: Pod,
  volume: string,
  source: ObjectSource,
  mode: number,
  { config }: PayloadSources,
): Payload {
  const found = config.get('ConfigMap', pod.metadata.namespace ?? '', source.name ?? '');
  return keyedPayload(volume, {
    what: `configmap "${source.name}"`,
    data: found === undefined ? undefined : configMapData(found),
    items: source.items,
    optional: source.optional === true,
    defaultMode: mode,
  });
}

function secretPayload(
  pod: Pod,
  volume: string,
  source: ObjectSource,
  mode: number,
  { config }: PayloadSources,
): Payload {
  const found = config.get('Secret', pod.metadata.namespace ?? '', source.name ?? '');
  return keyedPayload(volume, {
    what: `secret "${source.name}"`,
    data: found === undefined ? undefined : secretData(found),
    items: source.items,
    optional: source.optional === true,
    defaultMode: mode,
  });
}

function configMapData({ data, binaryData }: ConfigMap): ReadonlyMap<string, Uint8Array> {
  return new Map([
    ...Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'utf8')] as const),
    ...Object.entries(binaryData ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const),
  ]);
}

function secretData({ data }: Secret): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(data ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
}

function downwardPayload(
  pod: Pod,
  volume: string,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  { facts }: PayloadSources,
): Payload {
  return new Map(
    items.map((item): [string, PayloadFile] => {
      const bytes = Buffer.from(downwardText(pod, volume, item, facts), 'utf8');
      return [safePath(volume, item.path), { bytes, mode: item.mode ?? defaultMode }];
    }),
  );
}

function downwardText(pod: Pod, volume: string, item: DownwardAPIVolumeFile, facts: DownwardFacts): string {
  if (item.fieldRef !== undefined) return fieldValue(pod, item.fieldRef.fieldPath, facts);
  const container = namedContainer(pod, item.resourceFieldRef?.containerName);
  if (item.resourceFieldRef === undefined || container === undefined) {
    throw mountError(volume, `${item.path}: neither a fieldRef nor a resourceFieldRef of a container of this pod`);
  }
  return resourceFieldValue(container, item.resourceFieldRef, facts);
}
