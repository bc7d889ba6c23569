import type { Revision } from './revision.ts';

/**
 * The contract of the key space, modelled on etcd v3 so that it can be checked against etcd itself. Two engines
 * implement it (embedded Raft, etcd); where they differ, etcd is right.
 *
 * Keys are ASCII strings (U+0001 to U+007F), so that string order is byte order. Values are opaque bytes, shared and never
 * written to after they were handed over.
 */
export interface Store {
  /** Random, made when the cluster is made; the same on all its members for ever. */
  readonly clusterId: string;
  range(request: RangeRequest): Promise<RangeResponse>;
  /** Atomic. Resolves once it is durable on a quorum **and** applied on this server: what follows here sees it. */
  txn(request: TxnRequest): Promise<TxnResponse>;
  /** Events arrive in revision order, gap-free, whole transactions at a time. */
  watch(request: WatchRequest, sink: WatchSink): Disposable;
  /** Forgets history below `revision`; reads and watches from before answer `compacted`. */
  compact(revision: Revision): Promise<void>;
  /** What this server knows right now, without asking anybody. */
  status(): StoreStatus;
  /** Called at once with the present state and on every change. */
  onLeadership(listener: (leadership: Leadership) => void): Disposable;
  /** The revision that was current when the proposer's clock showed `wallMs`, or undefined outside the kept history. */
  revisionAt(wallMs: number): Promise<Revision | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Keys in `[from, to)`; without `to` the one key `from`. `prefixRange('/a/')` makes the range of a prefix. */
export interface KeyRange {
  readonly from: string;
  readonly to?: string;
}

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision that created the key (again, after a deletion). */
  readonly createRevision: Revision;
  /** Revision of the last change. */
  readonly modRevision: Revision;
  /** 1 at creation, raised by each change. */
  readonly version: number;
}

/**
 * How fresh a read must be.
 * - `linearizable`: sees every write acknowledged before the request, on any server (ReadIndex).
 * - `local`: this server's applied state, possibly old, also without a leader.
 * - `atLeast`: this server's state once it has applied `revision`; waits up to 3 s, then fails `not-yet`.
 */
export type Consistency =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'local' }
  | { readonly kind: 'atLeast'; readonly revision: Revision };

export interface RangeRequest extends KeyRange {
  /** Exact state at this revision; `compacted` below the kept history, `future-revision` above the present. */
  readonly revision?: Revision;
  /** At most this many; 0 or absent means all. */
  readonly limit?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
  readonly consistency: Consistency;
}

export interface RangeResponse {
  /** Revision at which the answer is exact. */
  readonly revision: Revision;
  /** Ascending by key. */
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  /** Keys in the whole range, also those beyond `limit`. */
  readonly count: number;
}

export type Compare =
  | {
      readonly key: string;
      readonly target: 'mod' | 'create';
      readonly is: '=' | '!=' | '<' | '>';
      readonly revision: Revision;
    }
  | { readonly key: string; readonly target: 'version'; readonly is: '=' | '!=' | '<' | '>'; readonly version: number };

export type Operation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | ({ readonly kind: 'delete' } & KeyRange)
  | ({ readonly kind: 'range' } & KeyRange);

export interface TxnRequest {
  /** All must hold for `success` to be done; otherwise `failure` is. A key that does not exist has revisions and version 0. */
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure?: readonly Operation[];
  /** The leadership under which this was decided: refused with `fenced` once another leader reigns. */
  readonly fence?: Fence;
  /** Who or what caused it, e.g. `user:berth-admin` or `controller:deployment`; kept with the revision, at most 256 bytes. */
  readonly cause?: string;
}

export interface TxnResponse {
  readonly succeeded: boolean;
  /** Revision after the transaction (unchanged when it changed nothing). */
  readonly revision: Revision;
  /** One per operation of the branch taken. */
  readonly responses: readonly OperationResponse[];
}

export type OperationResponse =
  | { readonly kind: 'put'; readonly previous: KeyValue | undefined }
  | { readonly kind: 'delete'; readonly previous: readonly KeyValue[] }
  | { readonly kind: 'range'; readonly kvs: readonly KeyValue[] };

/** Shared by all watchers of a store: one event object per change, so that an encoding can be attached to it once. */
export type StoreEvent =
  | { readonly kind: 'put'; readonly kv: KeyValue; readonly previous: KeyValue | undefined }
  | {
      readonly kind: 'delete';
      readonly key: string;
      readonly modRevision: Revision;
      readonly previous: KeyValue | undefined;
    };

export interface WatchRequest extends KeyRange {
  /** First revision wanted; absent: what comes after the present state of this server. */
  readonly startRevision?: Revision;
  /** A `bookmark` at least this often while nothing happens; absent: none. */
  readonly bookmarkIntervalMs?: number;
}

export interface WatchSink {
  /** All events of `revision` in the range. False when the receiver is full: the watch ends with `slow`, nothing is buffered. */
  events(events: readonly StoreEvent[], revision: Revision): boolean;
  /** Everything up to `revision` was delivered. */
  bookmark?(revision: Revision): boolean;
  /** Last call. */
  end(reason: WatchEnd): void;
}

export type WatchEnd =
  | { readonly kind: 'compacted'; readonly compactRevision: Revision }
  | { readonly kind: 'slow' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly error: Error };

/** Names one reign of one leader; opaque to everyone but the engine that made it. */
export interface Fence {
  readonly token: string;
}

export type Leadership =
  | { readonly kind: 'leader'; readonly fence: Fence }
  | { readonly kind: 'follower'; readonly leader: MemberAddress }
  /** `removed`: this server was removed from the cluster and will not know a leader again. */
  | { readonly kind: 'leaderless'; readonly reason: string; readonly removed?: true };

/** Where the other processes of a member answer. Part of the replicated configuration. */
export interface MemberAddress {
  readonly memberId: string;
  /** The server's name, unique in the cluster, e.g. `server-1`. */
  readonly name: string;
  /** `host:port` of HTTPS API, agent gateway and consensus peer port. */
  readonly apiAddress: string;
  readonly gatewayAddress: string;
  readonly peerAddress: string;
}

export interface StoreStatus {
  readonly revision: Revision;
  readonly compactRevision: Revision;
  readonly leadership: Leadership;
  /** Voters and learners of the configuration in force, with addresses. */
  readonly members: readonly (MemberAddress & { readonly role: 'voter' | 'learner' })[];
}
