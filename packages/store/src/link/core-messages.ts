import type {
  Configuration,
  LogBase,
  Notice,
  ProposalId,
  ProposalRefusal,
  ReadFailure,
  RoleKind,
  SnapshotMeta,
} from '@berth/raft';
import type { CoreMetrics } from '../consensus/core-metrics.ts';
import type { StateFound } from '../consensus/start-log.ts';
import type { StorageReport } from '../consensus/storage-report.ts';
import type { PeerTls } from '../transport/peer-credentials.ts';
import type { AdminOutcome, AdminRequest } from './admin.ts';
import type { PackedProposals } from './proposal-packing.ts';

/** What the thread of the consensus core is started with. */
export interface CoreOptions {
  readonly dataDirectory: string;
  /** Used when the directory holds nothing yet. */
  readonly founding: FoundingRequest | undefined;
  /** Own member record. */
  readonly address: string;
  /** `host:port` to listen on for peers. */
  readonly listen: string;
  readonly tls: PeerTls;
  readonly timings: CoreTimings;
  /** Free bytes below which writes are refused; undefined: 5 % of the disk, at most 1 GiB. */
  readonly diskReserveBytes: number | undefined;
  readonly checkpointEntries: number;
  readonly checkpointBytes: number;
  readonly trailingEntries: number;
  readonly trailingBytes: number;
  readonly snapshotChunkBytes: number;
}

export interface CoreTimings {
  readonly tickMs: number;
  readonly heartbeatMs: number;
  /** A voter campaigns after one to two of these without a leader. */
  readonly electionMs: number;
}

export type FoundingRequest =
  | { readonly kind: 'bootstrap' }
  | { readonly kind: 'join'; readonly clusterId: string; readonly groupId: string; readonly memberId: number };

/** From the main thread to the core. Bytes are handed over or shared, not copied. */
export type ToCore =
  /** Answers `open-state`. */
  | { readonly kind: 'state-opened'; readonly found: StateFound }
  | ({ readonly kind: 'propose' } & PackedProposals)
  | { readonly kind: 'read'; readonly id: number }
  | { readonly kind: 'applied'; readonly index: number }
  | { readonly kind: 'checkpointed'; readonly index: number }
  | { readonly kind: 'snapshot-opened'; readonly to: number; readonly snapshotId: number; readonly index: number }
  | { readonly kind: 'snapshot-unavailable'; readonly to: number }
  | ({ readonly kind: 'chunk-loaded' } & LoadedChunk)
  | { readonly kind: 'snapshot-staged'; readonly snapshotId: number; readonly stateFolder: string }
  | { readonly kind: 'snapshot-damaged'; readonly snapshotId: number }
  | { readonly kind: 'administer'; readonly id: number; readonly request: AdminRequest }
  | { readonly kind: 'credentials'; readonly tls: PeerTls }
  | { readonly kind: 'stop' };

export interface LoadedChunk {
  readonly to: number;
  readonly snapshotId: number;
  readonly offset: number;
  /** Seen by both threads, and written anew once the chunk behind it was asked for. */
  readonly data: Uint8Array<SharedArrayBuffer>;
  readonly checksum: number;
  readonly last: boolean;
}

/** Who this member is, once its directory was read or founded. */
export interface CoreIdentity {
  readonly clusterId: string;
  readonly groupId: string;
  readonly memberId: number;
  readonly incarnation: number;
}

/** From the core to the main thread. Order matters: a state is switched before entries that follow it arrive. */
export type FromCore =
  /** Open and verify the state in this folder; when it is damaged, empty it. */
  | { readonly kind: 'open-state'; readonly stateFolder: string }
  | {
      readonly kind: 'started';
      readonly identity: CoreIdentity;
      readonly report: StorageReport;
      readonly base: LogBase;
      readonly configuration: Configuration;
      /** Port of the peer listener. */
      readonly port: number;
    }
  /** The member could not start; nothing was changed. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Committed entries: their frames, one after the other. */
  | { readonly kind: 'apply'; readonly frames: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'read-ready'; readonly ids: readonly number[]; readonly index: number }
  | { readonly kind: 'read-failed'; readonly ids: readonly number[]; readonly reason: ReadFailure }
  | { readonly kind: 'proposals-refused'; readonly ids: readonly ProposalId[]; readonly reason: ProposalRefusal }
  | { readonly kind: 'role'; readonly role: RoleKind; readonly term: number; readonly leader: number | undefined }
  | { readonly kind: 'configuration'; readonly configuration: Configuration; readonly committed: boolean }
  /** This member was removed from the cluster. Once. */
  | { readonly kind: 'removed' }
  | { readonly kind: 'unreachable'; readonly peers: ReadonlyMap<number, string> }
  | { readonly kind: 'checkpoint'; readonly index: number }
  | { readonly kind: 'open-snapshot'; readonly to: number; readonly atLeast: number }
  | {
      readonly kind: 'load-chunk';
      readonly to: number;
      readonly snapshotId: number;
      readonly offset: number;
      readonly maxBytes: number;
    }
  | { readonly kind: 'close-snapshot'; readonly snapshotId: number }
  /** The first bytes of a snapshot are in the file: they may be made a state already. When it has begun again from the start, they are fewer than before. */
  | { readonly kind: 'snapshot-arriving'; readonly snapshotId: number; readonly file: string; readonly bytes: number }
  | { readonly kind: 'snapshot-discarded'; readonly snapshotId: number }
  /** The file is complete: verify it and make it a state in a folder of its own. */
  | { readonly kind: 'stage-snapshot'; readonly snapshot: SnapshotMeta; readonly file: string }
  /** From now on the state is the one in this folder. */
  | { readonly kind: 'switch-state'; readonly stateFolder: string; readonly snapshotId: number }
  | { readonly kind: 'administered'; readonly id: number; readonly outcome: AdminOutcome }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'metrics'; readonly metrics: CoreMetrics }
  /** Nothing may be promised any more: the process must end. */
  | { readonly kind: 'fatal'; readonly reason: string }
  | { readonly kind: 'stopped' };
