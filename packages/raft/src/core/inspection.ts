import type { PeerStatus, RaftStatus } from '../contract/status.ts';
import { knownLeader } from './office.ts';
import type { Progress } from './progress.ts';
import { isCaughtUp } from './reconfiguration.ts';
import type { RaftState } from './state.ts';

/** A picture of the member at this moment, for metrics, operators and tests. */
export function inspect(state: RaftState): RaftStatus {
  const { log, role, disk, hardState, asked } = state;
  const leads = role.kind === 'leader';
  const peers = leads ? [...role.progress.values()].map((progress) => peerStatus(state, progress)) : [];
  return {
    id: state.options.id,
    role: role.kind,
    term: hardState.term,
    vote: hardState.vote,
    leader: knownLeader(state),
    commitIndex: log.commitIndex,
    appliedIndex: log.appliedIndex,
    durableIndex: disk.durableIndex,
    lastIndex: log.lastIndex,
    lastTerm: log.lastTerm,
    baseIndex: log.base.index,
    cachedBytes: log.cache.bytes,
    configuration: log.configuration,
    configurationIndex: log.configurationIndex,
    configurationCommitted: log.configurationIndex <= log.commitIndex,
    featureLevel: log.featureLevel,
    quarantinedUpTo: hardState.quarantinedUpTo,
    halted: state.halted,
    removed: state.removed,
    diskHung: state.diskHung,
    diskLow: state.diskLow,
    pendingReads: leads ? role.reads.count : asked.waiting.length + (asked.underWay?.ids.length ?? 0),
    leaderContactTicks: leads ? 0 : state.leaderContactTicks,
    uncommittedBytes: leads ? role.uncommittedBytes : 0,
    transferee: leads ? role.transfer?.to : undefined,
    peers: peers.sort((a, b) => a.id - b.id),
  };
}

function peerStatus(state: RaftState, progress: Progress): PeerStatus {
  const { flow } = progress;
  return {
    id: progress.id,
    state: flow.kind,
    match: progress.match,
    next: progress.next,
    inflightAppends: flow.kind === 'replicate' ? flow.window.appends : 0,
    inflightBytes: flow.kind === 'replicate' ? flow.window.bytes : 0,
    contactTicks: progress.contactTicks,
    quarantined: progress.quarantined,
    diskLow: progress.diskLow,
    snapshotOffset: flow.kind === 'snapshot' && flow.phase !== 'queued' ? flow.offset : undefined,
    caughtUp: isCaughtUp(state, progress),
  };
}
