export type { CoreMetrics } from './consensus/core-metrics.ts';
export { dataDirectoryId } from './consensus/data-directory.ts';
export type { HistogramCounts } from './consensus/histogram.ts';
export type { StorageReport } from './consensus/storage-report.ts';
export { type EmbeddedStore, openEmbeddedStore } from './embedded/embedded-store.ts';
export type { Admission, MemberStatus, Members, NewMember } from './embedded/members.ts';
export type { EmbeddedMetrics } from './embedded/metrics.ts';
export type { EmbeddedStoreOptions, LogLimits } from './embedded/options.ts';
export type { ScrubReport } from './embedded/scrubber.ts';
export type { EtcdEndpoints } from './etcd/etcd-channel.ts';
export { type EtcdStoreOptions, openEtcdStore } from './etcd/etcd-store.ts';
export { type BoundedRange, boundedRange, inRange, prefixRange } from './key-range.ts';
export type { CoreTimings } from './link/core-messages.ts';
export type { MemberRecord } from './member-record.ts';
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from './memory/memory-store.ts';
export { type RecoverOptions, recoverMember, recoveryPrefix } from './recovery/recover-member.ts';
export { type RestoreOptions, restoreSnapshot } from './recovery/restore-snapshot.ts';
export { inspectMember, type MemberInspection } from './recovery/stopped-member.ts';
export { chooseSurvivor, type Survivor, type SurvivorChoice } from './recovery/survivor-choice.ts';
export { requestLimits } from './request-validation.ts';
export { defaultRetention, type Retention } from './retention.ts';
export { type Revision, revision } from './revision.ts';
export {
  type ScheduledSnapshots,
  type ScheduledSnapshotsOptions,
  scheduledSnapshots,
} from './snapshot/scheduled-snapshots.ts';
export {
  inspectSnapshot,
  type SnapshotDescription,
  type SnapshotHeadline,
  saveSnapshot,
  verifySnapshot,
} from './snapshot/snapshot-file.ts';
export { SnapshotError } from './snapshot/snapshot-format.ts';
export type {
  Compare,
  Consistency,
  Fence,
  KeyRange,
  KeyValue,
  Leadership,
  MemberAddress,
  Operation,
  OperationResponse,
  RangeRequest,
  RangeResponse,
  Store,
  StoreEvent,
  StoreStatus,
  TxnRequest,
  TxnResponse,
  WatchEnd,
  WatchRequest,
  WatchSink,
} from './store.ts';
export { StoreError, type StoreErrorCode, type StoreErrorFacts, storeErrors } from './store-error.ts';
export type { PeerTls } from './transport/peer-credentials.ts';
