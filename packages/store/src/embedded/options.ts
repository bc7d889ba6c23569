import type { Notice } from '@berth/raft';
import type { World } from '@berth/world';
import type { CoreOptions, CoreTimings } from '../link/core-messages.ts';
import { encodeAddress } from '../member-record.ts';
import { defaultRetention, type Retention } from '../retention.ts';
import type { MemberAddress } from '../store.ts';
import type { PeerTls } from '../transport/peer-credentials.ts';
import type { Admission } from './members.ts';

export interface EmbeddedStoreOptions {
  readonly world: World;
  /** Folder of this member, made when it does not exist. */
  readonly dataDirectory: string;
  /** How this server calls itself and where the others find it. */
  readonly member: Omit<MemberAddress, 'memberId'>;
  /** `host:port` on which consensus peers are expected. Default: the member's peer address. */
  readonly listen?: string;
  readonly tls: PeerTls;
  /**
   * What to do when the folder holds nothing yet: begin a cluster of one, or be the member that was admitted to another one. Ignored when it
   * holds a member already; absent: then an empty folder is refused.
   */
  readonly found?: { readonly kind: 'bootstrap' } | { readonly kind: 'join'; readonly admission: Admission };
  /** Must be equal on all members. Default: tick 50 ms, heartbeat 100 ms, election 1,000 ms. */
  readonly timings?: Partial<CoreTimings>;
  readonly retention?: Partial<Retention>;
  /** How long a write or a read is tried. Default 10 s. */
  readonly requestTimeoutMs?: number;
  /** How often the leader looks for history to forget and lets the members compare their state. Default 30 s. */
  readonly choresEveryMs?: number;
  /** Pause between two files (of 2 MiB) that are read again and verified. Default 5 s. */
  readonly scrubPauseMs?: number;
  /** Free bytes below which writes are refused as `disk-full`. Default: 5 % of the disk, at most 1 GiB. */
  readonly diskReserveBytes?: number;
  readonly log?: Partial<LogLimits>;
  /**
   * Called when nothing may be promised any more, e.g. after a failed write; the process must end. Default: says why on standard error and
   * aborts.
   */
  readonly onFatal?: (reason: string) => void;
  /** Called once when it becomes known that this server was removed from the cluster, with a sentence for the operator. */
  readonly onRemoved?: (reason: string) => void;
  /** What the consensus core has to tell, for logs. */
  readonly onNotice?: (notice: Notice) => void;
  /** A sentence about a file that a running server found damaged, once per file. Default: says it on standard error. */
  readonly onDamage?: (damage: string) => void;
}

export interface LogLimits {
  /** A checkpoint, after which the log may be shortened, at least this often. Default 10,000 entries, 64 MiB. */
  readonly checkpointEntries: number;
  readonly checkpointBytes: number;
  /** Entries kept behind it for followers that lag: so many, or the checkpoints that hold so many bytes. Default 5,000, 64 MiB. */
  readonly trailingEntries: number;
  readonly trailingBytes: number;
  /** Default 1 MiB. */
  readonly snapshotChunkBytes: number;
}

export interface CompiledOptions {
  readonly core: CoreOptions;
  readonly retention: Retention;
  readonly requestTimeoutMs: number;
  readonly choresEveryMs: number;
  readonly scrubPauseMs: number;
  readonly onFatal: (reason: string) => void;
  readonly onRemoved: (reason: string) => void;
  readonly onNotice: (notice: Notice) => void;
  readonly onDamage: (damage: string) => void;
}

const MiB = 1024 * 1024;

export function compileOptions(options: EmbeddedStoreOptions): CompiledOptions {
  const core: CoreOptions = {
    dataDirectory: options.dataDirectory,
    founding: foundingRequest(options.found),
    address: encodeAddress({ ...options.member, promote: true }),
    listen: options.listen ?? options.member.peerAddress,
    tls: options.tls,
    timings: { tickMs: 50, heartbeatMs: 100, electionMs: 1000, ...options.timings },
    diskReserveBytes: options.diskReserveBytes,
    checkpointEntries: 10_000,
    checkpointBytes: 64 * MiB,
    trailingEntries: 5_000,
    trailingBytes: 64 * MiB,
    snapshotChunkBytes: MiB,
    ...options.log,
  };
  return {
    core,
    retention: { ...defaultRetention, ...options.retention },
    requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
    choresEveryMs: options.choresEveryMs ?? 30_000,
    scrubPauseMs: options.scrubPauseMs ?? 5_000,
    onFatal: options.onFatal ?? abort,
    onRemoved: options.onRemoved ?? (() => undefined),
    onNotice: options.onNotice ?? (() => undefined),
    onDamage: options.onDamage ?? ((damage) => process.stderr.write(`berth store: a file is damaged: ${damage}\n`)),
  };
}

function foundingRequest(found: EmbeddedStoreOptions['found']): CoreOptions['founding'] {
  return found?.kind === 'join' ? { kind: 'join', ...found.admission } : found;
}

/** After a failed write the kernel may have dropped what it could not write: trying again would only hide it. */
function abort(reason: string): void {
  process.stderr.write(`berth store: this server must end now: ${reason}\n`);
  process.abort();
}
