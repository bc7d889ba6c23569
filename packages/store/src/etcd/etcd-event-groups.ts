import { etcdV3 } from '@berth/wire';
import { type Transaction, transactionBytes } from '../mvcc/transaction.ts';
import { revision } from '../revision.ts';
import type { StoreEvent } from '../store.ts';
import { asciiText, type EtcdKeys } from './etcd-keys.ts';
import { decodeStamp, type Stamp } from './etcd-txn.ts';

/** A change of one of the engine's own keys; without value it was deleted. */
export interface EngineEvent {
  readonly etcdKey: string;
  readonly value: Uint8Array | undefined;
  readonly createRevision: number;
}

/** Everything of one revision. */
export interface EventGroup {
  readonly transaction: Transaction;
  readonly engine: readonly EngineEvent[];
}

/** Sorts the events of one watch response into whole revisions; etcd never splits a revision over responses. */
export function groupEvents(keys: EtcdKeys, events: readonly etcdV3.Event[], lastWallMs: number): EventGroup[] {
  const groups: EventGroup[] = [];
  let wallMs = lastWallMs;
  for (let start = 0; start < events.length; ) {
    const at = events[start]?.kv?.modRevision ?? 0;
    let end = start + 1;
    while (end < events.length && events[end]?.kv?.modRevision === at) end += 1;
    const group = groupOf(keys, at, events.slice(start, end), wallMs);
    wallMs = group.transaction.wallMs;
    groups.push(group);
    start = end;
  }
  return groups;
}

function groupOf(keys: EtcdKeys, at: number, events: readonly etcdV3.Event[], lastWallMs: number): EventGroup {
  const data: StoreEvent[] = [];
  const engine: EngineEvent[] = [];
  let stamp: Stamp = { wallMs: lastWallMs, cause: '' };
  for (const event of events) {
    const kv = event.kv;
    if (kv === undefined) continue;
    const etcdKey = asciiText(kv.key);
    if (keys.isData(etcdKey)) data.push(storeEvent(keys, event, kv));
    else if (etcdKey === keys.stamp) stamp = decodeStamp(kv.value);
    else engine.push({ etcdKey, value: isPut(event) ? kv.value : undefined, createRevision: kv.createRevision });
  }
  const transaction: Transaction = {
    revision: revision(at),
    wallMs: Math.max(lastWallMs, stamp.wallMs),
    cause: stamp.cause,
    events: data,
    bytes: transactionBytes(data),
  };
  return { transaction, engine };
}

function storeEvent(keys: EtcdKeys, event: etcdV3.Event, kv: etcdV3.KeyValue): StoreEvent {
  const previous = event.prevKv === undefined ? undefined : keys.keyValue(event.prevKv);
  if (isPut(event)) return { kind: 'put', kv: keys.keyValue(kv), previous };
  return { kind: 'delete', key: keys.fromEtcd(asciiText(kv.key)), modRevision: revision(kv.modRevision), previous };
}

function isPut(event: etcdV3.Event): boolean {
  return event.type === etcdV3.Event_EventType.PUT;
}
