import type { etcdV3 } from '@berth/wire';
import type { World } from '@berth/world';
import { type Revision, revision } from '../revision.ts';
import type { RangeRequest, RangeResponse } from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { EtcdChannel } from './etcd-channel.ts';
import { asciiBytes, type EtcdKeys } from './etcd-keys.ts';
import { headerRevision } from './etcd-txn.ts';

/** Keys per request: an answer stays far below what one message may carry. */
const pageKeys = 2_000;
const notYetAfterMs = 3_000;
const askAgainMs = 50;

/** Reads a range page by page; later pages are read at the revision of the first, so that all of it is one state. */
export async function readRange(
  channel: EtcdChannel,
  keys: EtcdKeys,
  request: RangeRequest,
  serializable: boolean,
): Promise<RangeResponse> {
  const wanted = request.limit === undefined || request.limit === 0 ? Number.POSITIVE_INFINITY : request.limit;
  const fixed: Omit<etcdV3.RangeRequest, 'limit'> = {
    ...keys.range(request),
    revision: request.revision ?? 0,
    serializable,
    keysOnly: request.keysOnly ?? false,
    countOnly: request.countOnly ?? false,
  };
  const first = await channel.range({ ...fixed, limit: Math.min(wanted, pageKeys) });
  const at = request.revision ?? headerRevision(first.header);
  const kvs = first.kvs;
  let page = first;
  while (page.more && kvs.length < wanted) {
    const last = kvs.at(-1);
    if (last === undefined) break;
    const key = Buffer.concat([last.key, asciiBytes('\u0000')]);
    page = await channel.range({ ...fixed, key, revision: at, limit: Math.min(wanted - kvs.length, pageKeys) });
    for (const kv of page.kvs) kvs.push(kv);
  }
  return { revision: at, kvs: kvs.map((kv) => keys.keyValue(kv)), more: page.more, count: first.count };
}

/** A serializable read of a member that is far enough; asks for at most 3 s. */
export async function rangeAtLeast(
  world: World,
  channel: EtcdChannel,
  keys: EtcdKeys,
  request: RangeRequest,
  wanted: Revision,
): Promise<RangeResponse> {
  const startMs = world.clock.monotonicMs();
  for (;;) {
    const present = await channel.range({
      key: asciiBytes(keys.stamp),
      rangeEnd: asciiBytes(''),
      limit: 0,
      revision: 0,
      serializable: true,
      keysOnly: false,
      countOnly: true,
    });
    if (headerRevision(present.header) >= wanted) return await readRange(channel, keys, request, true);
    if (world.clock.monotonicMs() - startMs > notYetAfterMs)
      throw new StoreError(
        'not-yet',
        `revision ${wanted} was not applied in 3 s, the present is ${revision(headerRevision(present.header))}`,
      );
    await world.timers.sleep(askAgainMs);
  }
}
