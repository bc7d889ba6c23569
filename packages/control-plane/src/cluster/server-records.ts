import { type KeyValue, prefixRange, type Store } from '@berth/store';
import type { World } from '@berth/world';
import type { Logger } from 'pino';

const prefix = '/berth/servers/';

/** What a server says of itself for `berth status`: things the consensus group does not know. */
export interface ServerRecord {
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  readonly version: string;
  /** Where its keys, log and state lie on its machine: `berth recover` is told of it. */
  readonly dataDir: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

export interface ServerRecordOptions {
  readonly store: Pick<Store, 'txn'>;
  readonly world: World;
  readonly log: Logger;
  readonly record: ServerRecord;
}

const retryMs = 1_000;

/** Writes the record of a server that starts, as soon as there is a quorum. */
export function announceServer({ log, record, store, world }: ServerRecordOptions): AsyncDisposable {
  const closing = new AbortController();
  const announced = (async () => {
    const value = Buffer.from(JSON.stringify(record));
    while (!closing.signal.aborted) {
      try {
        await store.txn({
          compare: [],
          success: [{ kind: 'put', key: prefix + record.name, value }],
          cause: `server:${record.name}`,
        });
        return;
      } catch (error) {
        log.debug({ err: error }, 'the record of this server waits for a quorum');
        await world.timers.sleep(retryMs, closing.signal).catch(() => undefined);
      }
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the server is shutting down'));
      await announced;
    },
  };
}

/** Every server that ever started, ascending by name; as far as this server knows. */
export async function readServerRecords(store: Pick<Store, 'range'>): Promise<readonly ServerRecord[]> {
  const { kvs } = await store.range({ ...prefixRange(prefix), consistency: { kind: 'local' } });
  return kvs.map(parse);
}

function parse(kv: KeyValue): ServerRecord {
  return JSON.parse(Buffer.from(kv.value).toString()) as ServerRecord;
}
