import { type Revision, revision } from '../revision.ts';
import { StoreError } from '../store-error.ts';
import type { EtcdChannel } from './etcd-channel.ts';
import { asciiBytes, type EtcdKeys, noBytes } from './etcd-keys.ts';
import type { EtcdMirror } from './etcd-mirror.ts';
import { decodeStamp } from './etcd-txn.ts';

type Moment = { readonly wallMs: number; readonly revision: Revision } | 'before everything' | 'forgotten';

/** Finds a moment by halving the history: the stamp key, read at an old revision, tells the wall time of the last write then. */
export async function revisionAtWallTime(
  channel: EtcdChannel,
  keys: EtcdKeys,
  mirror: EtcdMirror,
  wallMs: number,
): Promise<Revision | undefined> {
  const recent = mirror.recent.lastAtOrBefore(wallMs);
  if (recent !== undefined) return recent.revision;
  let low = 1;
  let high = mirror.completeFrom - 1;
  let found: Revision | undefined;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const moment = await momentOf(channel, keys, middle);
    if (moment === 'forgotten' || moment === 'before everything' || moment.wallMs <= wallMs) {
      low = middle + 1;
      if (typeof moment === 'object') found = moment.revision;
    } else {
      high = middle - 1;
    }
  }
  return found;
}

async function momentOf(channel: EtcdChannel, keys: EtcdKeys, at: number): Promise<Moment> {
  try {
    const answer = await channel.range({
      key: asciiBytes(keys.stamp),
      rangeEnd: noBytes,
      limit: 0,
      revision: at,
      serializable: false,
      keysOnly: false,
      countOnly: false,
    });
    const stamp = answer.kvs[0];
    if (stamp === undefined) return 'before everything';
    return { wallMs: decodeStamp(stamp.value).wallMs, revision: revision(stamp.modRevision) };
  } catch (error) {
    if (error instanceof StoreError && error.code === 'compacted') return 'forgotten';
    throw error;
  }
}
