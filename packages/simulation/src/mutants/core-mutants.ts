import type { Mutant } from './mutant.ts';

const core = 'raft/src/core';

/** M1 to M12: elections, log and commit. */
export const coreMutants: readonly Mutant[] = [
  {
    id: 'M1',
    bug: 'vote not persisted',
    expected: 'both',
    patches: [
      {
        file: `${core}/outbox.ts`,
        find: 'hardState: outbox.hardStateChanged ? state.hardState : undefined',
        replace: 'hardState: outbox.hardStateChanged ? { ...state.hardState, vote: undefined } : undefined',
      },
    ],
  },
  {
    id: 'M2',
    bug: 'vote answered before it is durable',
    expected: 'both',
    patches: [
      {
        file: `${core}/outbox.ts`,
        find: 'afterSeq: disk.lastPending }',
        replace: "afterSeq: message.kind === 'vote-answer' ? 0 : disk.lastPending }",
      },
    ],
  },
  {
    id: 'M3',
    bug: 'append acknowledged before it is durable',
    expected: 'both',
    patches: [
      {
        file: `${core}/outbox.ts`,
        find: 'afterSeq: disk.lastPending }',
        replace: "afterSeq: message.kind === 'append-accepted' ? 0 : disk.lastPending }",
      },
    ],
  },
  {
    id: 'M4',
    bug: 'leader counts itself before its write is durable',
    expected: 'both',
    patches: [
      {
        file: `${core}/commit.ts`,
        find: 'if (id === self) return state.disk.durableIndex;',
        replace: 'if (id === self) return state.log.lastIndex;',
      },
    ],
  },
  {
    id: 'M5',
    bug: 'commit by counting entries of old terms',
    expected: 'script',
    patches: [
      {
        file: `${core}/commit.ts`,
        find: ' || log.termAt(index) !== state.hardState.term) return;',
        replace: ') return;',
      },
    ],
  },
  {
    id: 'M6',
    bug: 'no up-to-date check on votes',
    expected: 'both',
    patches: [
      {
        file: `${core}/voting.ts`,
        find: "return isUpToDate(state, lastIndex, lastTerm) ? undefined : 'log-behind';",
        replace: 'return isUpToDate(state, lastIndex, lastTerm) ? undefined : undefined;',
      },
    ],
  },
  {
    id: 'M7',
    bug: 'truncate on every append',
    expected: 'both',
    patches: [
      {
        file: `${core}/following.ts`,
        find: 'if (held === entry.term) continue;',
        replace: 'if (held === entry.term && entry.index <= log.commitIndex) continue;',
      },
    ],
  },
  {
    id: 'M8',
    bug: 'commit beyond the last entry of the message',
    expected: 'script',
    patches: [
      {
        file: `${core}/following.ts`,
        find: 'commitTo(state, lowerIndex(message.commit, end));',
        replace: 'commitTo(state, lowerIndex(message.commit, log.lastIndex));',
      },
    ],
  },
  {
    id: 'M9',
    bug: 'previous entry not compared',
    expected: 'both',
    patches: [
      {
        file: `${core}/following.ts`,
        find: 'log.termAt(previousIndex) !== message.previousTerm) {',
        replace: 'log.termAt(previousIndex) === undefined) {',
      },
    ],
  },
  {
    id: 'M10',
    bug: 'quorum one too small',
    expected: 'search',
    patches: [
      {
        file: 'raft/src/membership/quorum.ts',
        find: 'return Math.floor(count / 2) + 1;',
        replace: 'return Math.max(1, Math.floor(count / 2));',
      },
    ],
  },
  {
    id: 'M11',
    bug: 'acknowledgements of an older term accepted',
    expected: 'script',
    patches: [
      {
        file: `${core}/receiving.ts`,
        find: 'if (message.term < state.hardState.term) {',
        replace: "if (message.term < state.hardState.term && message.kind !== 'append-accepted') {",
      },
    ],
  },
  {
    id: 'M12',
    bug: 'vote forgotten on restart',
    expected: 'both',
    patches: [
      {
        file: `${core}/state.ts`,
        find: 'hardState: { ...stored.hardState, quarantinedUpTo },',
        replace: 'hardState: { ...stored.hardState, vote: undefined, quarantinedUpTo },',
      },
    ],
  },
];
