import type { Mutant } from './mutant.ts';

const core = 'raft/src/core';

/** M13 to M19: reads and membership. */
export const readMutants: readonly Mutant[] = [
  {
    id: 'M13',
    bug: 'reads confirmed before an entry of the own term is committed',
    expected: 'both',
    patches: [
      {
        file: `${core}/reading.ts`,
        find: '|| batchSize(reads.waiting) === 0 || !hasCommittedInTerm(state, leader)) return;',
        replace: '|| batchSize(reads.waiting) === 0) return;',
      },
      {
        file: `${core}/reading.ts`,
        find: 'if (batchSize(reads.waiting) > 0 && hasCommittedInTerm(state, leader)) {',
        replace: 'if (batchSize(reads.waiting) > 0) {',
      },
    ],
  },
  {
    id: 'M14',
    bug: 'read confirmations matched by an id the client chose',
    expected: 'both',
    patches: [
      {
        file: `${core}/heartbeat-sending.ts`,
        find: 'leader.round++;',
        replace: 'leader.round = leader.reads.waiting.ids[0] ?? leader.round + 1;',
      },
    ],
  },
  {
    id: 'M15',
    bug: 'lease not expired by a pause',
    expected: 'both',
    patches: [
      { file: `${core}/reign.ts`, find: 'leader.reignTicks += elapsed;', replace: 'leader.reignTicks += ticks;' },
    ],
  },
  {
    id: 'M16',
    bug: 'second change of membership while one is open',
    expected: 'both',
    patches: [
      {
        file: `${core}/reconfiguration.ts`,
        find: 'if (log.configurationIndex > log.commitIndex || isJoint(log.configuration)) {',
        replace: 'if (isJoint(log.configuration)) {',
      },
    ],
  },
  {
    id: 'M17',
    bug: 'joint phase counts the new majority only',
    expected: 'both',
    patches: [
      {
        file: 'raft/src/membership/quorum.ts',
        find: 'return Math.min(incoming, majorityValue(configuration.outgoing, reachedBy));',
        replace: 'return incoming;',
      },
      {
        file: 'raft/src/membership/quorum.ts',
        find: 'const outgoing = tallyHalf(configuration.outgoing, voteOf);',
        replace: 'const outgoing = incoming;',
      },
    ],
  },
  {
    id: 'M18',
    bug: 'change proposed before an entry of the own term is committed',
    expected: 'script',
    patches: [
      {
        file: `${core}/reconfiguration.ts`,
        find: 'if (!hasCommittedInTerm(state, leader)) {',
        replace: 'if (!hasCommittedInTerm(state, leader) && isJoint(log.configuration)) {',
      },
    ],
  },
  {
    id: 'M19',
    bug: 'learners counted in the quorum',
    expected: 'search',
    patches: [
      {
        file: `${core}/commit.ts`,
        find: 'quorumValue(state.log.configuration, reached)',
        replace:
          'quorumValue({ ...state.log.configuration, voters: [...state.log.configuration.voters, ...state.log.configuration.learners] }, reached)',
      },
    ],
  },
];
