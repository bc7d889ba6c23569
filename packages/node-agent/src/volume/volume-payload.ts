import type { KeyToPath } from '@berth/api';
import { PodStepError } from '../pod/pod-ports.ts';

/** One file of a volume made from objects. */
export interface PayloadFile {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** By path relative to the volume, e.g. `tls/ca.crt`. */
export type Payload = ReadonlyMap<string, PayloadFile>;

export interface KeyedSource {
  /** For messages, e.g. `configmap "web"`. */
  readonly what: string;
  /** Undefined when the object does not exist. */
  readonly data: ReadonlyMap<string, Uint8Array> | undefined;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
  readonly defaultMode: number;
}

/** All keys as files, or those that `items` name. */
export function keyedPayload(volume: string, source: KeyedSource): Payload {
  const files = new Map<string, PayloadFile>();
  if (source.data === undefined) {
    if (source.optional) return files;
    throw mountError(volume, `${source.what} not found`);
  }
  const { data, items, defaultMode } = source;
  if (items === undefined || items.length === 0) {
    for (const [key, bytes] of data) files.set(key, { bytes, mode: defaultMode });
    return files;
  }
  for (const { key, path, mode } of items) {
    const bytes = data.get(key);
    if (bytes !== undefined) files.set(safePath(volume, path), { bytes, mode: mode ?? defaultMode });
    else if (!source.optional) {
      throw mountError(volume, `references non-existent config key: ${key}`);
    }
  }
  return files;
}

/** Refuses paths that would lead out of the volume or into its own bookkeeping. */
export function safePath(volume: string, path: string): string {
  const parts = path.split('/');
  const isBad = path === '' || path.startsWith('/') || parts.includes('..') || parts[0]?.startsWith('..') === true;
  if (isBad) throw mountError(volume, `path ${JSON.stringify(path)} must be relative and must not contain ".."`);
  return path;
}

export function mountError(volume: string, why: string): PodStepError {
  return new PodStepError('FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${why}`);
}
