import type { EmbeddedStore } from '@berth/store';
import { Gauge, type Registry } from 'prom-client';
import { CountedHistogram, CountedSum } from './counted-metric.ts';

type Metrics = ReturnType<EmbeddedStore['metrics']>;
type Core = NonNullable<Metrics['core']>;
type Peer = Core['status']['peers'][number];

/** Scalars of the store on the main thread. */
const storeGauges: Readonly<Record<string, { readonly help: string; read(metrics: Metrics): number }>> = {
  berth_store_keys: { help: 'Keys in the present state.', read: ({ keys }) => keys },
  berth_store_history_bytes: { help: 'Size of the kept history on disk.', read: ({ historyBytes }) => historyBytes },
  berth_store_backlog_bytes: {
    help: 'Applied in memory, not yet handed to the disk.',
    read: ({ backlogBytes }) => backlogBytes,
  },
  berth_store_watchers: { help: 'Open watches.', read: ({ watchers }) => watchers },
  berth_store_sessions: {
    help: 'Write sessions that are remembered against double application.',
    read: ({ sessions }) => sessions,
  },
  berth_store_pending_writes: {
    help: 'Writes that wait for their answer.',
    read: ({ pendingWrites }) => pendingWrites,
  },
  berth_store_damaged_files: {
    help: 'Files that were found damaged since the start.',
    read: ({ scrub }) => scrub.damage.length,
  },
  berth_store_pending_reads: { help: 'Linearizable reads that wait.', read: ({ pendingReads }) => pendingReads },
};

/** Scalars of the consensus thread; up to a second old. */
const coreGauges: Readonly<Record<string, { readonly help: string; read(core: Core): number }>> = {
  berth_raft_term: { help: 'Present term.', read: ({ status }) => status.term },
  berth_raft_is_leader: { help: '1 on the leader.', read: ({ status }) => Number(status.role === 'leader') },
  berth_raft_leader_id: { help: 'Member id of the leader, 0 without one.', read: ({ status }) => status.leader ?? 0 },
  berth_raft_commit_index: { help: 'Last committed entry.', read: ({ status }) => status.commitIndex },
  berth_raft_applied_index: { help: 'Last applied entry.', read: ({ status }) => status.appliedIndex },
  berth_raft_durable_index: { help: 'Last entry that is synced here.', read: ({ status }) => status.durableIndex },
  berth_raft_last_index: { help: 'Last entry of the log.', read: ({ status }) => status.lastIndex },
  berth_raft_base_index: { help: 'The log begins after this entry.', read: ({ status }) => status.baseIndex },
  berth_raft_feature_level: { help: 'Feature level of the log.', read: ({ status }) => status.featureLevel },
  berth_raft_quarantined: {
    help: '1 while this member may not vote.',
    read: ({ status }) => Number(status.quarantinedUpTo !== undefined),
  },
  berth_raft_uncommitted_bytes: {
    help: 'Appended and not committed, on the leader.',
    read: ({ status }) => status.uncommittedBytes,
  },
  berth_raft_loop_lag_seconds: {
    help: 'Longest delay of a tick in the last second.',
    read: ({ loopLagMs }) => loopLagMs / 1000,
  },
  berth_raft_loop_lag_p99_seconds: {
    help: 'Delay of a tick that 99 of 100 stayed below in the last ten seconds.',
    read: ({ loopLagMsP99 }) => loopLagMsP99 / 1000,
  },
  berth_raft_free_bytes: { help: 'Free space on the disk of the log.', read: ({ freeBytes }) => freeBytes },
};

const coreSums: Readonly<Record<string, { readonly help: string; read(core: Core): number }>> = {
  berth_raft_messages_received_total: { help: 'Messages from peers.', read: ({ messagesIn }) => messagesIn },
  berth_raft_messages_sent_total: { help: 'Messages to peers.', read: ({ messagesOut }) => messagesOut },
  berth_raft_messages_dropped_total: {
    help: 'Messages not sent because a peer did not read.',
    read: ({ messagesDropped }) => messagesDropped,
  },
  berth_raft_lag_abdications_total: {
    help: 'Times this leader has handed over because its thread lagged.',
    read: ({ lagAbdications }) => lagAbdications,
  },
  berth_raft_messages_bad_total: {
    help: 'Messages of peers that made no sense.',
    read: ({ messagesBad }) => messagesBad,
  },
};

const peerGauges: Readonly<Record<string, { readonly help: string; read(peer: Peer): number }>> = {
  berth_raft_peer_match_index: {
    help: 'On the leader: last entry known to be on the member.',
    read: ({ match }) => match,
  },
  berth_raft_peer_next_index: { help: 'On the leader: next entry to send to the member.', read: ({ next }) => next },
  berth_raft_peer_inflight_bytes: {
    help: 'On the leader: sent to the member, not acknowledged.',
    read: ({ inflightBytes }) => inflightBytes,
  },
};

/** What the embedded engine knows of itself beyond the contract of all stores; read when somebody scrapes. */
export function embeddedStoreMetrics(registry: Registry, store: Pick<EmbeddedStore, 'metrics'>): void {
  const registers = [registry];
  const core = (): Core | undefined => store.metrics().core;
  for (const [name, { help, read }] of Object.entries(storeGauges))
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(store.metrics()));
      },
    });
  for (const [name, { help, read }] of Object.entries(coreGauges))
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const present = core();
        if (present !== undefined) this.set(read(present));
      },
    });
  for (const [name, { help, read }] of Object.entries(peerGauges))
    new Gauge({
      name,
      help,
      labelNames: ['peer'],
      registers,
      collect() {
        this.reset();
        for (const peer of core()?.status.peers ?? []) this.set({ peer: String(peer.id) }, read(peer));
      },
    });
  for (const [name, { help, read }] of Object.entries(coreSums))
    new CountedSum(registry, name, help, () => [{ labels: {}, value: mapped(core(), read) }]);
  new CountedSum(
    registry,
    'berth_raft_notices_total',
    'Elections, changes of role and other news, by kind and cause.',
    () => Object.entries(core()?.notices ?? {}).map(([notice, value]) => ({ labels: { notice }, value })),
  );
  new CountedHistogram(
    registry,
    'berth_raft_sync_milliseconds',
    'Time of a synced batch of the log.',
    () => core()?.syncMs,
  );
  new CountedHistogram(
    registry,
    'berth_raft_batch_entries',
    'Entries in a synced batch of the log.',
    () => core()?.batchEntries,
  );
}

function mapped(core: Core | undefined, read: (core: Core) => number): number {
  return core === undefined ? 0 : read(core);
}
