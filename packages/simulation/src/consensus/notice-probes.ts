import type { Notice, RaftState } from '@berth/raft';
import type { Probes } from '../probes.ts';

/** Turns what the core says into named situations. */
export function noteProbes(probes: Probes, raft: RaftState, notice: Notice): void {
  switch (notice.kind) {
    case 'vote-refused':
      probes.hit(`${notice.preVote ? 'pre-vote' : 'vote'}-refused-${notice.reason}`);
      return;
    case 'campaign-started':
      probes.hit(notice.preVote ? 'pre-vote-started' : `campaign-${notice.cause}`);
      if (raft.log.configuration.outgoing.length > 0) probes.hit('campaign-while-joint');
      return;
    case 'election-won':
      probes.hit('election-won');
      if (raft.log.configuration.outgoing.length > 0) probes.hit('election-won-while-joint');
      if (raft.log.configurationIndex > raft.log.commitIndex) probes.hit('election-won-with-open-change');
      if (raft.log.lastIndex > raft.log.commitIndex + 1) probes.hit('election-won-with-uncommitted-tail');
      return;
    case 'stepped-down':
      probes.hit(`stepped-down-${notice.cause}`);
      return;
    case 'truncated':
      probes.hit(notice.entries > 1 ? 'truncated-many' : 'truncated-one');
      return;
    case 'peer-state':
      probes.hit(`peer-${notice.state}`);
      return;
    case 'reads-confirmed':
      probes.hit(notice.count > 1 ? 'reads-confirmed-in-batch' : 'read-confirmed');
      return;
    case 'snapshot-installed':
      probes.hit(notice.discarded > 0 ? 'snapshot-installed-over-log' : 'snapshot-installed');
      return;
    case 'snapshot-resumed':
      probes.hit('snapshot-resumed');
      return;
    default:
      probes.hit(notice.kind);
  }
}
