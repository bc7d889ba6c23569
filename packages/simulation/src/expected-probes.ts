import type { NoticeKind } from '@berth/raft';
import type { FaultKind } from './consensus/fault.ts';
import type { Probes } from './probes.ts';

/** Every fault that a plan can hold must have been injected. */
const faults: Readonly<Record<FaultKind, true>> = {
  crash: true,
  'crash-after-promise': true,
  'crash-all': true,
  partition: true,
  pause: true,
  usurp: true,
  'disk-stall': true,
  'write-error': true,
  'disk-low': true,
  rot: true,
  'lose-tail': true,
  wipe: true,
  transfer: true,
  add: true,
  promote: true,
  demote: true,
  remove: true,
  replace: true,
  upgrade: true,
  'wall-jump': true,
};

/**
 * What every notice of the core is counted as. A new kind of notice does not compile before somebody has said which situations it stands for. Empty:
 * only a faulty peer brings it about.
 */
const noticed: Readonly<Record<NoticeKind, readonly string[]>> = {
  'campaign-started': ['pre-vote-started', 'campaign-timeout', 'campaign-transfer', 'campaign-while-joint'],
  'election-won': [
    'election-won',
    'election-won-while-joint',
    'election-won-with-open-change',
    'election-won-with-uncommitted-tail',
  ],
  'election-lost': ['election-lost'],
  'stepped-down': [
    'stepped-down-higher-term',
    'stepped-down-no-quorum',
    'stepped-down-hung-disk',
    'stepped-down-removed',
  ],
  'vote-refused': [
    'vote-refused-leader-known',
    'vote-refused-log-behind',
    'vote-refused-voted-otherwise',
    'vote-refused-old-term',
    'vote-refused-quarantined',
    'pre-vote-refused-leader-known',
    'pre-vote-refused-log-behind',
    'pre-vote-refused-old-term',
    'pre-vote-refused-quarantined',
    'pre-vote-refused-hung-disk',
    'pre-vote-refused-restarted',
  ],
  truncated: ['truncated-one', 'truncated-many'],
  'peer-state': ['peer-probe', 'peer-replicate', 'peer-snapshot'],
  'peer-restarted': ['peer-restarted'],
  'stale-incarnation': ['stale-incarnation'],
  'promise-lost': ['promise-lost'],
  'quarantine-entered': ['quarantine-entered'],
  'quarantine-left': ['quarantine-left'],
  'disk-hung': ['disk-hung'],
  'disk-recovered': ['disk-recovered'],
  'snapshot-sending': ['snapshot-sending'],
  'snapshot-resumed': ['snapshot-resumed'],
  'snapshot-sent': ['snapshot-sent'],
  'snapshot-aborted': ['snapshot-aborted'],
  'snapshot-installed': ['snapshot-installed', 'snapshot-installed-over-log'],
  'snapshot-unneeded': ['snapshot-unneeded'],
  compacted: ['compacted'],
  'transfer-started': ['transfer-started'],
  'learner-caught-up': ['learner-caught-up'],
  'reads-confirmed': ['read-confirmed', 'reads-confirmed-in-batch'],
  'lease-read': ['lease-read'],
  removed: ['removed'],
  'feature-level': ['feature-level'],
  halted: ['halted'],
  'bad-message': [],
};

/** Seen by the shells, the state machine and the network. */
const elsewhere = [
  'change-appended',
  'change-refused',
  'crash-after-promise',
  'damage-found',
  'duplicate-answered-again',
  'expired-session-refused',
  'fenced-write-refused',
  'group-commit',
  'handshake-refused',
  'joint-in-force',
  'partial-snapshot-kept',
  'record-rotted',
  'second-change-refused',
  'snapshot-damaged',
  'tail-lost',
  'torn-tail-discarded',
  'write-error-aborts',
];

/** May come up, and need not. */
const rare = ['second-change-appended', 'vote-refused-hung-disk', 'vote-refused-restarted', 'bad-message'];

/** Every named situation that a long search must come through. */
const expectedProbes: readonly string[] = [
  ...Object.keys(faults).map((kind) => `fault-${kind}`),
  ...Object.values(noticed).flat(),
  ...elsewhere,
].sort();

/** Which of them were not met. */
export function neverReached(probes: Probes): string[] {
  return expectedProbes.filter((name) => probes.count(name) === 0);
}

/** Situations that were counted under a name that is not in the list, so that nobody would miss them. */
export function unknownProbes(probes: Probes): string[] {
  return probes.all.map(([name]) => name).filter((name) => !expectedProbes.includes(name) && !rare.includes(name));
}
