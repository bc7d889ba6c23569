import type { etcdV3 } from '@berth/wire';
import type { World } from '@berth/world';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { type HistoryPage, recentPage } from '../mvcc/history-page.ts';
import { RecentHistory } from '../mvcc/recent-history.ts';
import { type Revision, revision } from '../revision.ts';
import type { EtcdChannel } from './etcd-channel.ts';
import { type EngineEvent, type EventGroup, groupEvents } from './etcd-event-groups.ts';
import { asciiBytes, asciiText, type EtcdKeys } from './etcd-keys.ts';
import { readPast } from './etcd-past.ts';
import { decodeStamp, headerRevision } from './etcd-txn.ts';

/** What the mirror tells its store. */
export interface MirrorListener {
  group(group: EventGroup): void;
  /** The stream was away so long that history in between is gone; `kept` is where it begins now. */
  gap(kept: Revision): void;
  /** Engine keys as they stand, after the start and after a gap. */
  loaded(engine: readonly EngineEvent[]): void;
}

const recentBytesMax = 32 * 1024 * 1024;
const reconnectMs = 200;

/**
 * One watch over everything of the cluster, from which all watchers of this server are served: etcd sends each change once per server
 * instead of once per watcher. Keeps the newest events in memory.
 */
export class EtcdMirror {
  readonly #world: World;
  readonly #channel: EtcdChannel;
  readonly #keys: EtcdKeys;
  readonly #listener: MirrorListener;
  readonly #recent = new RecentHistory();
  readonly #waiting = new Set<() => void>();
  #stream: ClientDuplexStream<etcdV3.WatchRequest, etcdV3.WatchResponse> | undefined;
  #retry: Disposable | undefined;
  #revision: Revision = revision(0);
  /** First revision from which `#recent` is complete. */
  #completeFrom = 1;
  #wallMs = 0;
  #closed = false;

  constructor(world: World, channel: EtcdChannel, keys: EtcdKeys, listener: MirrorListener) {
    this.#world = world;
    this.#channel = channel;
    this.#keys = keys;
    this.#listener = listener;
  }

  /** Everything up to here has been told. */
  get revision(): Revision {
    return this.#revision;
  }

  get recent(): RecentHistory {
    return this.#recent;
  }

  get completeFrom(): number {
    return this.#completeFrom;
  }

  async start(): Promise<void> {
    await this.#load();
    this.#follow();
  }

  /** Resolves once everything up to `wanted` has been told to the listener. */
  async reached(wanted: Revision): Promise<void> {
    if (this.#revision >= wanted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => {
      if (this.#revision >= wanted || this.#closed) resolve();
    };
    this.#waiting.add(wake);
    await promise;
    this.#waiting.delete(wake);
  }

  page(from: number): HistoryPage | Promise<HistoryPage> {
    if (from >= this.#completeFrom) return recentPage(this.#recent, from, this.#revision);
    return readPast(this.#channel, this.#keys, from, this.#completeFrom);
  }

  close(): void {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    this.#stream?.cancel();
    for (const wake of this.#waiting) wake();
  }

  /** The engine's own keys and the revision they were read at: the stream goes on right behind it. */
  async #load(): Promise<void> {
    const { from, to } = this.#keys.engine;
    const answer = await this.#channel.range({
      key: asciiBytes(from),
      rangeEnd: asciiBytes(to),
      limit: 0,
      revision: 0,
      serializable: false,
      keysOnly: false,
      countOnly: false,
    });
    this.#revision = headerRevision(answer.header);
    this.#completeFrom = this.#revision + 1;
    this.#recent.clear();
    const stamp = answer.kvs.find((kv) => asciiText(kv.key) === this.#keys.stamp);
    if (stamp !== undefined) this.#wallMs = decodeStamp(stamp.value).wallMs;
    this.#listener.loaded(
      answer.kvs.map((kv) => ({ etcdKey: asciiText(kv.key), value: kv.value, createRevision: kv.createRevision })),
    );
  }

  #follow(): void {
    if (this.#closed) return;
    const range = { key: asciiBytes(this.#keys.all.from), rangeEnd: asciiBytes(this.#keys.all.to) };
    const stream = this.#channel.openWatch(range, this.#revision + 1);
    this.#stream = stream;
    let over = false;
    const again = (): void => {
      if (over) return;
      over = true;
      this.#channel.rotate();
      this.#retry = this.#world.timers.after(reconnectMs, () => this.#follow());
    };
    stream.on('data', (response) => {
      if (over) return;
      if (response.canceled) {
        over = true;
        stream.cancel();
        this.#restart(revision(response.compactRevision));
      } else {
        this.#take(response);
      }
    });
    stream.on('error', again);
    stream.on('end', again);
  }

  #take(response: etcdV3.WatchResponse): void {
    for (const group of groupEvents(this.#keys, response.events, this.#wallMs)) {
      const { transaction } = group;
      this.#wallMs = transaction.wallMs;
      this.#revision = transaction.revision;
      if (transaction.events.length > 0) this.#remember(group);
      this.#listener.group(group);
    }
    for (const wake of [...this.#waiting]) wake();
  }

  /** The newest transaction stays whatever its size: reading the past needs an event at or after `completeFrom`. */
  #remember(group: EventGroup): void {
    this.#recent.append(group.transaction);
    while (this.#recent.bytes > recentBytesMax && this.#recent.length > 1) {
      this.#recent.dropOldest();
      this.#completeFrom = this.#recent.oldest?.revision ?? this.#completeFrom;
    }
  }

  #restart(kept: Revision): void {
    this.#load().then(
      () => {
        this.#listener.gap(kept);
        this.#follow();
      },
      () => {
        if (!this.#closed) this.#retry = this.#world.timers.after(reconnectMs, () => this.#restart(kept));
      },
    );
  }
}
