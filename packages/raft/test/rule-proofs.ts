/**
 * Where a rule of consensus is tested.
 *
 * - `scenarios`: files in `scenarios/`.
 * - `tests`: a file below `packages/`, and the beginning of a title in it.
 * - `plans`: titles of directed plans of the simulation.
 * - `search`: invariants by which the simulation's random search finds a violation.
 */
export interface RuleProof {
  readonly scenarios?: readonly string[];
  readonly tests?: readonly (readonly [file: string, title: string])[];
  readonly plans?: readonly string[];
  readonly search?: readonly string[];
}

/** One per rule of docs/raft-rules.md, whose last column is written from this table. */
export const ruleProofs: Readonly<Record<number, RuleProof>> = {
  1: { scenarios: ['vote-durable', 'vote-durable-kept'], search: ['persist before you speak', 'one vote per term'] },
  2: { scenarios: ['own-vote-durable', 'own-vote-counted-late'], search: ['one vote per term'] },
  3: { scenarios: ['vote-kept-in-term'], search: ['one vote per term'] },
  4: { scenarios: ['higher-term', 'election-behind-in-terms'] },
  5: { scenarios: ['log-comparison'], search: ['leader completeness'] },
  6: { scenarios: ['election-timer'] },
  7: {
    tests: [['raft/test/core.test.ts', 'rule 7: election timeouts are drawn anew each time']],
    search: ['elects in time'],
  },
  8: { scenarios: ['pre-vote-changes-nothing'] },
  9: { scenarios: ['rejoining-member', 'terms-converge'], search: ['elects in time'] },
  10: { scenarios: ['check-quorum', 'check-quorum-graph', 'check-quorum-one-way-link'], search: ['elects in time'] },
  11: { scenarios: ['one-way-partitions'], search: ['elects in time'] },
  12: { scenarios: ['learner-answers-votes'] },
  13: { scenarios: ['only-voters-campaign', 'removal-needs-its-victim'] },
  14: {
    scenarios: ['transfer', 'transfer-refused', 'transfer-target-crashes', 'transfer-aborted'],
    search: ['leader completeness', 'commits in time'],
  },
  15: { scenarios: ['figure-8'] },
  16: { scenarios: ['elect-and-commit'] },
  17: { scenarios: ['delayed-append'], search: ['match is durable'] },
  18: { scenarios: ['commit-within-message'] },
  19: { scenarios: ['committed-truncation'], search: ['core assertion'] },
  20: { scenarios: ['ack-when-durable'], search: ['persist before you speak'] },
  21: { scenarios: ['leader-counts-durable'], search: ['a quorum of durable copies'] },
  22: { scenarios: ['stale-rejection'], search: ['match is durable'] },
  23: { scenarios: ['old-acknowledgements', 'incarnations'], search: ['match is durable'] },
  24: {
    scenarios: ['aba', 'late-disk-read'],
    tests: [['raft/test/log.test.ts', 'rule 24: an index is durable when the write that last touched it is finished']],
    search: ['log matching'],
  },
  25: { plans: ['state and place are one write, whenever everything loses power'], search: ['equal states'] },
  26: { scenarios: ['single-voter'], search: ['a quorum of durable copies'] },
  27: { plans: ['wall clocks that jump by years change nothing but data'], search: ['equal states'] },
  28: {
    tests: [
      [
        'store/test/state/state-machine.test.ts',
        'rule 28: an entry that cannot be applied fails identically everywhere and is recorded',
      ],
    ],
  },
  29: { scenarios: ['flow-control', 'partial-appends', 'probe-recovers'] },
  30: { scenarios: ['fast-backoff'] },
  31: { scenarios: ['read-needs-own-term'], search: ['linearizable'] },
  32: {
    scenarios: ['read-rounds'],
    plans: ['a leader that others have replaced serves no old state'],
    search: ['linearizable'],
  },
  33: { scenarios: ['reads-count-voters', 'read-batching'] },
  34: { plans: ['a follower that applies slowly serves no old state'], search: ['linearizable'] },
  35: { scenarios: ['reads-fail-on-step-down'] },
  36: {
    scenarios: ['leases', 'lease-revoked', 'lease-outlives-terms'],
    plans: ['no lease outlives a pause of its holder'],
    search: ['linearizable'],
  },
  37: { scenarios: ['configuration-fallback'], search: ['a quorum of durable copies'] },
  38: {
    scenarios: ['one-change-at-a-time'],
    search: ['one change at a time', 'no change before the own term commits'],
  },
  39: { scenarios: ['joint-majorities'], search: ['a quorum of durable copies'] },
  40: { scenarios: ['joint-leader-dies'], search: ['converges'] },
  41: { scenarios: ['promotion', 'promotion-would-lose-quorum'], search: ['commits in time'] },
  42: {
    scenarios: ['removed-leader'],
    tests: [
      [
        'store/test/embedded/leader-removal.test.ts',
        'rule 42: a leader removes itself, hears that it is done, and nobody waits for an election',
      ],
    ],
    search: ['elects in time'],
  },
  43: {
    scenarios: ['removed-member'],
    tests: [
      [
        'store/test/embedded/membership.test.ts',
        'a learner that was away while it was removed learns of it from the others, once',
      ],
    ],
    search: ['removed members do not disturb'],
  },
  44: {
    tests: [
      ['raft/test/handshake.test.ts', 'rule 44: a process %s is refused and told what to do'],
      ['store/test/embedded/membership.test.ts', 'rule 44: a wiped directory is refused under its old id'],
    ],
    plans: ['a wiped member is refused under its old id'],
    search: ['an id belongs to one directory'],
  },
  45: {
    scenarios: ['address-change'],
    tests: [['store/test/embedded/membership.test.ts', 'follows a member to its new address']],
  },
  46: {
    scenarios: ['even-clusters'],
    tests: [
      [
        'store/test/snapshot/snapshot-tools.test.ts',
        'rule 46: recover makes a cluster of one from a survivor, and says so',
      ],
      ['store/test/embedded/membership.test.ts', 'refuses a removal that would lose the quorum, and says so'],
    ],
  },
  47: { scenarios: ['snapshot'] },
  48: { scenarios: ['snapshot-over-tail'], search: ['log matching'] },
  49: {
    tests: [
      [
        'store/test/consensus/snapshot-install.test.ts',
        'rule 49: a crash after any step of an install leaves the old state or the new one',
      ],
    ],
    search: ['equal states'],
  },
  50: { scenarios: ['snapshot-unneeded', 'snapshot-overtaken', 'leader-returns'] },
  51: {
    scenarios: ['snapshot-keeps-log', 'snapshot-resumed', 'snapshot-outdated', 'snapshot-outrun'],
    search: ['converges'],
  },
  52: { scenarios: ['snapshot', 'snapshot-limits'] },
  53: {
    scenarios: ['compaction', 'compaction-bytes'],
    tests: [['store/test/consensus/log-storage.test.ts', 'a log that was shortened begins behind its base']],
  },
  54: {
    tests: [
      [
        'store/test/embedded/disk-full.test.ts',
        'rule 54: a failed write ends the process, and nothing acknowledged is missing afterwards',
      ],
    ],
    plans: ['a write error ends the process, and nothing acknowledged is lost'],
    search: ['a quorum of durable copies'],
  },
  55: {
    scenarios: ['disk-low'],
    tests: [
      ['store/test/embedded/disk-full.test.ts', 'rule 55: a full disk refuses writes and recovers when space returns'],
    ],
  },
  56: {
    tests: [
      ['raft/test/core.test.ts', 'rule 56: a core does not start on %s'],
      ['store/test/consensus/log-storage.test.ts', 'rule 56: every single corruption starts in a named state'],
    ],
    search: ['lost promises neither vote nor count'],
  },
  57: {
    scenarios: ['quarantine'],
    tests: [
      ['store/test/consensus/log-storage.test.ts', 'rule 57: a torn tail is discarded, a damaged entry quarantines'],
    ],
    plans: ['a member that finds acknowledged records damaged keeps silent until it is healed'],
    search: ['lost promises neither vote nor count'],
  },
  58: {
    scenarios: ['hung-disk'],
    plans: ['a leader whose disk hangs gives up its office'],
    search: ['a hung disk leads nobody'],
  },
  59: {
    tests: [['store/test/consensus/log-storage.test.ts', 'rule 59: a directory is opened by one process at a time']],
  },
  60: {
    plans: ['clients that hear nothing repeat themselves, and every command is done once'],
    search: ['once per session and sequence'],
  },
  61: {
    tests: [
      ['store/test/state/session-table.test.ts', 'a session that nobody opened, or that was evicted, is expired'],
    ],
    plans: ['sessions survive snapshots, restarts and new leaders'],
    search: ['once per session and sequence'],
  },
  62: {
    tests: [
      [
        'store/test/state/state-machine.test.ts',
        'a command that is in the log twice is applied once and answered the same',
      ],
    ],
    plans: ['clients that hear nothing repeat themselves, and every command is done once'],
    search: ['linearizable'],
  },
  63: { scenarios: ['forwarding'] },
  64: {
    tests: [
      ['store/test/state/state-machine.test.ts', 'a fenced write is applied only in the reign it was decided in'],
    ],
    plans: ['what was decided under an old leader is not done under a new one'],
  },
  65: { tests: [['store/test/embedded/replication.test.ts', 'rule 65: a fence of an ended leadership is refused']] },
  66: { plans: ['wall clocks that jump by years change nothing but data'], search: ['equal states'] },
  67: {
    tests: [['controllers/test/event-expiry.test.ts', 'events go an hour after they last happened']],
    plans: ['nothing expires early, however often the leader changes'],
  },
  68: { scenarios: ['overload'], plans: ['ten times the load changes no leader'], search: ['bounded memory'] },
  69: { scenarios: ['flow-control'] },
  70: {
    scenarios: ['unknown-entry', 'feature-level', 'feature-level-snapshot'],
    search: ['apply only what is understood'],
  },
};
