import type { World } from '@berth/world';
import type { EtcdChannel } from './etcd-channel.ts';
import { asciiBytes, type EtcdKeys, noBytes } from './etcd-keys.ts';
import { compareCreated, putOperation } from './etcd-txn.ts';

/** The id that the first server wrote; all others find it. */
export async function establishClusterId(world: World, channel: EtcdChannel, keys: EtcdKeys): Promise<string> {
  const own = world.random.uuid();
  const place = { key: asciiBytes(keys.clusterId), rangeEnd: noBytes };
  const options = { limit: 0, revision: 0, serializable: false, keysOnly: false, countOnly: false };
  const answer = await channel.txn({
    compare: [compareCreated(keys.clusterId, 0)],
    success: [putOperation(keys.clusterId, Buffer.from(own), 0)],
    failure: [{ request: { $case: 'requestRange', value: { ...place, ...options } } }],
  });
  if (answer.succeeded) return own;
  const found = answer.responses[0]?.response;
  const value = found?.$case === 'responseRange' ? found.value.kvs[0]?.value : undefined;
  if (value === undefined) throw new Error(`etcd says that ${keys.clusterId} exists, but does not show it`);
  return value.toString();
}
