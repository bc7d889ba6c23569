export { decodeBase, encodeBase } from './codec/base-codec.ts';
export { type DecodedMessage, decodeMessage } from './codec/message-decoding.ts';
export { encodeInPieces, encodeMessage } from './codec/message-encoding.ts';
export type { Apply, Effect, EffectKind, Persist, ReadFailure, RoleKind, Send } from './contract/effect.ts';
export type { EntryReader, Event, EventKind } from './contract/event.ts';
export {
  type Append,
  type AppendAccepted,
  type AppendRejected,
  type CampaignNow,
  type Channel,
  channelOf,
  type Forward,
  type ForwardRefused,
  type Heartbeat,
  type HeartbeatAnswer,
  type Message,
  type MessageKind,
  type NewerTerm,
  type PreVoteAnswer,
  type PreVoteRequest,
  type ProposalRefusal,
  type ReadAnswer,
  type ReadRequest,
  type Removed,
  type SnapshotChunk,
  type SnapshotOffer,
  type SnapshotProgress,
  type VoteAnswer,
  type VoteRequest,
} from './contract/message.ts';
export type { CampaignCause, Notice, NoticeKind, StepDownCause } from './contract/notice.ts';
export { type RaftOptions, type RequiredOptions, raftOptions } from './contract/options.ts';
export type { PeerStatus, RaftStatus } from './contract/status.ts';
export type { StoredState } from './contract/stored-state.ts';
export { inspect } from './core/inspection.ts';
export { createRaft, type RaftState } from './core/state.ts';
export { type Step, step } from './core/step.ts';
export { baseAfter } from './log/base-after.ts';
export { LogSummarizer, type LogSummary } from './log/log-summary.ts';
export {
  type Configuration,
  emptyConfiguration,
  findMember,
  foundingConfiguration,
  isJoint,
  isVoter,
  type Member,
} from './membership/configuration.ts';
export { decodeConfiguration, encodeConfiguration } from './membership/configuration-codec.ts';
export { checkHandshake, type Handshake, type HandshakeRefusal } from './membership/handshake.ts';
export type { ChangeRefusal, MembershipChange } from './membership/membership-change.ts';
export {
  type Entry,
  type EntryKind,
  entryKinds,
  noOrigin,
  type Origin,
  type Proposal,
  type ProposalId,
} from './vocabulary/entry.ts';
export {
  type Checksum,
  entryFrameHeaderBytes,
  entryFrameOverheadBytes,
  entryOrigin,
  entryPayload,
  frameEntry,
  type ParsedFrame,
  parseEntryFrame,
} from './vocabulary/entry-frame.ts';
export { type HardState, initialHardState, quarantined } from './vocabulary/hard-state.ts';
export { BrokenInvariant } from './vocabulary/invariant.ts';
export { beforeLog, indexAfter, type LogIndex, logIndex } from './vocabulary/log-index.ts';
export { type MemberId, memberId } from './vocabulary/member-id.ts';
export { foundingBase, type LogBase, type SnapshotMeta } from './vocabulary/snapshot.ts';
export { noTerm, type Term, term } from './vocabulary/term.ts';
