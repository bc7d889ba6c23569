import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Where each of the 70 rules of consensus is tested. `scenario`: a file in `scenarios/`. `test`: the beginning of a test's title in a file of this
 * package. `elsewhere`: the package that owns the rule, because it is about storage, clients or the shell, with the title its test is to have.
 */
interface Proof {
  readonly scenario?: readonly string[];
  readonly test?: readonly [file: string, title: string];
  readonly elsewhere?: readonly [packageName: 'simulation' | 'store', title: string];
}

const rules: Readonly<Record<number, Proof>> = {
  1: { scenario: ['vote-durable', 'vote-durable-kept'] },
  2: { scenario: ['own-vote-durable', 'own-vote-counted-late'] },
  3: { scenario: ['vote-kept-in-term'] },
  4: { scenario: ['higher-term', 'election-behind-in-terms'] },
  5: { scenario: ['log-comparison'] },
  6: { scenario: ['election-timer'] },
  7: { test: ['core.test.ts', 'rule 7: election timeouts are drawn anew each time'] },
  8: { scenario: ['pre-vote-changes-nothing'] },
  9: { scenario: ['rejoining-member', 'terms-converge'] },
  10: { scenario: ['check-quorum', 'check-quorum-graph', 'check-quorum-one-way-link'] },
  11: { scenario: ['one-way-partitions'] },
  12: { scenario: ['learner-answers-votes'] },
  13: { scenario: ['only-voters-campaign', 'removal-needs-its-victim'] },
  14: { scenario: ['transfer', 'transfer-target-crashes', 'transfer-aborted'] },
  15: { scenario: ['figure-8'] },
  16: { scenario: ['elect-and-commit'] },
  17: { scenario: ['delayed-append'] },
  18: { scenario: ['commit-within-message'] },
  19: { scenario: ['committed-truncation'] },
  20: { scenario: ['ack-when-durable'] },
  21: { scenario: ['leader-counts-durable'] },
  22: { scenario: ['stale-rejection'] },
  23: { scenario: ['old-acknowledgements', 'incarnations'] },
  24: {
    scenario: ['aba', 'late-disk-read'],
    test: ['log.test.ts', 'rule 24: an index is durable when the write that last touched it is finished'],
  },
  25: { elsewhere: ['simulation', 'state and place are one write, whenever everything loses power'] },
  26: { scenario: ['single-voter'] },
  27: { elsewhere: ['simulation', 'wall clocks that jump by years change nothing but data'] },
  28: { elsewhere: ['store', 'rule 28: an entry that cannot be applied fails identically everywhere and is recorded'] },
  29: { scenario: ['flow-control', 'probe-recovers'] },
  30: { scenario: ['fast-backoff'] },
  31: { scenario: ['read-needs-own-term'] },
  32: { scenario: ['read-rounds'] },
  33: { scenario: ['reads-count-voters', 'read-batching'] },
  34: { elsewhere: ['simulation', 'a follower that applies slowly serves no old state'] },
  35: { scenario: ['reads-fail-on-step-down'] },
  36: { scenario: ['leases', 'lease-revoked', 'lease-outlives-terms'] },
  37: { scenario: ['configuration-fallback'] },
  38: { scenario: ['one-change-at-a-time'] },
  39: { scenario: ['joint-majorities'] },
  40: { scenario: ['joint-leader-dies'] },
  41: { scenario: ['promotion', 'promotion-would-lose-quorum'] },
  42: { scenario: ['removed-leader'] },
  43: { scenario: ['removed-member'] },
  44: {
    test: ['handshake.test.ts', 'rule 44: a process %s is refused and told what to do'],
    elsewhere: ['store', 'rule 44: a wiped directory is refused under its old id'],
  },
  45: { scenario: ['address-change'] },
  46: { scenario: ['even-clusters'], elsewhere: ['store', 'rule 46: recover makes a cluster of one from a survivor'] },
  47: { scenario: ['snapshot'] },
  48: { scenario: ['snapshot-over-tail'] },
  49: { elsewhere: ['store', 'rule 49: a crash after any step of an install leaves the old state or the new one'] },
  50: { scenario: ['snapshot-unneeded', 'snapshot-overtaken'] },
  51: { scenario: ['snapshot-keeps-log', 'snapshot-resumed', 'snapshot-outdated'] },
  52: { scenario: ['snapshot', 'snapshot-limits'] },
  53: { scenario: ['compaction'] },
  54: { elsewhere: ['store', 'rule 54: a failed write ends the process'] },
  55: {
    scenario: ['disk-low'],
    elsewhere: ['store', 'rule 55: a full disk refuses writes and recovers when space returns'],
  },
  56: {
    test: ['core.test.ts', 'rule 56: a core does not start on %s'],
    elsewhere: ['store', 'rule 56: every single corruption starts in a named state'],
  },
  57: {
    scenario: ['quarantine'],
    elsewhere: ['store', 'rule 57: a torn tail is discarded, a damaged entry quarantines'],
  },
  58: { scenario: ['hung-disk'] },
  59: { elsewhere: ['store', 'rule 59: a directory is opened by one process at a time'] },
  60: { elsewhere: ['simulation', 'clients that hear nothing repeat themselves, and every command is done once'] },
  61: { elsewhere: ['simulation', 'sessions survive snapshots, restarts and new leaders'] },
  62: { elsewhere: ['simulation', 'clients that hear nothing repeat themselves, and every command is done once'] },
  63: { scenario: ['forwarding'] },
  64: { elsewhere: ['simulation', 'what was decided under an old leader is not done under a new one'] },
  65: { elsewhere: ['store', 'rule 65: a fence of an ended leadership is refused'] },
  66: { elsewhere: ['simulation', 'wall clocks that jump by years change nothing but data'] },
  67: { elsewhere: ['store', 'rule 67: leases of clients run on the leader and are extended by a new one'] },
  68: { scenario: ['overload'], elsewhere: ['simulation', 'ten times the load changes no leader'] },
  69: { scenario: ['flow-control'] },
  70: { scenario: ['unknown-entry', 'feature-level', 'feature-level-snapshot'] },
};

const here = import.meta.dirname;
const simulationTitles = readSimulationTitles();

function readSimulationTitles(): string {
  const path = join(here, '../../simulation/src/consensus/directed-plans.ts');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

test('all 70 rules have a proof', () => {
  expect(Object.keys(rules).map(Number)).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
  for (const proof of Object.values(rules)) expect(Object.keys(proof).length).toBeGreaterThan(0);
});

test.each(Object.entries(rules))('rule %s is tested where the table says', (number, proof) => {
  for (const name of proof.scenario ?? []) {
    const text = readFileSync(join(here, 'scenarios', `${name}.txt`), 'utf8');
    expect(text).toContain('----');
  }
  if (proof.test !== undefined) {
    const [file, title] = proof.test;
    expect(readFileSync(join(here, file), 'utf8')).toContain(title);
  }
  if (proof.elsewhere?.[0] === 'simulation') expect(simulationTitles, `rule ${number}`).toContain(proof.elsewhere[1]);
});
