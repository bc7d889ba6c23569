import type { LogIndex } from '../vocabulary/log-index.ts';
import type { MemberId } from '../vocabulary/member-id.ts';
import type { Term } from '../vocabulary/term.ts';

/** Why a member campaigned. */
export type CampaignCause = 'timeout' | 'transfer';

/** Why a leader stopped being one without having lost an election. */
export type StepDownCause = 'higher-term' | 'no-quorum' | 'hung-disk' | 'removed';

/** What an operator or a test may want to know. Each is said when it happens, once. */
export type Notice =
  | { readonly kind: 'campaign-started'; readonly term: Term; readonly cause: CampaignCause; readonly preVote: boolean }
  | { readonly kind: 'election-won'; readonly term: Term }
  | { readonly kind: 'election-lost'; readonly term: Term }
  | { readonly kind: 'stepped-down'; readonly term: Term; readonly cause: StepDownCause }
  | {
      readonly kind: 'vote-refused';
      readonly candidate: MemberId;
      readonly reason:
        | 'leader-known'
        | 'log-behind'
        | 'voted-otherwise'
        | 'old-term'
        | 'quarantined'
        | 'hung-disk'
        | 'restarted';
      readonly preVote: boolean;
    }
  | { readonly kind: 'truncated'; readonly from: LogIndex; readonly entries: number }
  | { readonly kind: 'peer-state'; readonly peer: MemberId; readonly state: 'probe' | 'replicate' | 'snapshot' }
  | { readonly kind: 'peer-restarted'; readonly peer: MemberId; readonly incarnation: number }
  | { readonly kind: 'stale-incarnation'; readonly peer: MemberId; readonly incarnation: number }
  | { readonly kind: 'promise-lost'; readonly peer: MemberId; readonly promised: LogIndex; readonly holds: LogIndex }
  | { readonly kind: 'quarantine-entered'; readonly upTo: Term }
  | { readonly kind: 'quarantine-left'; readonly term: Term; readonly commit: LogIndex }
  | { readonly kind: 'disk-hung'; readonly seq: number; readonly ticks: number }
  | { readonly kind: 'disk-recovered' }
  | { readonly kind: 'snapshot-sending'; readonly peer: MemberId; readonly index: LogIndex }
  | { readonly kind: 'snapshot-resumed'; readonly peer: MemberId; readonly offset: number }
  | { readonly kind: 'snapshot-sent'; readonly peer: MemberId; readonly index: LogIndex }
  | { readonly kind: 'snapshot-aborted'; readonly peer: MemberId }
  | { readonly kind: 'snapshot-installed'; readonly index: LogIndex; readonly discarded: number }
  | { readonly kind: 'snapshot-unneeded'; readonly index: LogIndex }
  | { readonly kind: 'compacted'; readonly index: LogIndex }
  | { readonly kind: 'transfer-started'; readonly to: MemberId }
  | { readonly kind: 'learner-caught-up'; readonly peer: MemberId }
  | { readonly kind: 'reads-confirmed'; readonly count: number; readonly rounds: number }
  | { readonly kind: 'lease-read' }
  | { readonly kind: 'removed'; readonly configurationIndex: LogIndex }
  | { readonly kind: 'feature-level'; readonly level: number }
  /** This version cannot apply the entry at `index`: nothing more is applied here until it is replaced by a newer one (rule 70). */
  | { readonly kind: 'halted'; readonly index: LogIndex; readonly reason: string }
  /** A message that no correct peer sends; dropped. */
  | { readonly kind: 'bad-message'; readonly peer: MemberId; readonly reason: string };

export type NoticeKind = Notice['kind'];
