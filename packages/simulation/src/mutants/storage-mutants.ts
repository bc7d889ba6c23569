import type { Mutant } from './mutant.ts';

const core = 'raft/src/core';
const shell = 'simulation/src/consensus';

/** M20 to M32: snapshots, storage, state machine, time. Where the bug is one of the shell it is planted in the simulated shell. */
export const storageMutants: readonly Mutant[] = [
  {
    id: 'M20',
    bug: 'snapshot keeps a conflicting tail',
    expected: 'both',
    patches: [
      {
        file: 'raft/src/log/raft-log.ts',
        find: 'this.#lastIndex = base.index;\n    this.#terms.clear();\n    this.cache.clear();',
        replace:
          'if (this.#lastIndex < base.index) {\n this.#lastIndex = base.index;\n this.#terms.clear();\n }\n this.cache.clear();',
      },
      {
        file: `${shell}/sim-disk.ts`,
        find: 'this.#beginAfresh(write.install.base);',
        replace: 'this.#compact(write.install.base);',
      },
    ],
  },
  {
    id: 'M21',
    bug: 'applied index outside the atomic write of the state',
    expected: 'both',
    patches: [
      {
        file: `${shell}/process.ts`,
        find: 'disk.image = this.applier.image();',
        replace: 'disk.image = { ...this.applier.image(), base: disk.image.base };',
      },
    ],
  },
  {
    id: 'M22',
    bug: 'session table missing in the snapshot',
    expected: 'both',
    patches: [
      { file: `${shell}/key-value-machine.ts`, find: 'sessions: this.#sessions.save(),', replace: 'sessions: [],' },
    ],
  },
  {
    id: 'M23',
    bug: 'finished writes matched by index only',
    expected: 'script',
    patches: [
      {
        file: 'raft/src/log/persist-queue.ts',
        find: 'for (const record of this.#records) record.reaches = lowerIndex(record.reaches, last);',
        replace: '',
      },
    ],
  },
  {
    id: 'M24',
    bug: 'damaged tail treated as a short log',
    expected: 'both',
    patches: [
      {
        file: `${shell}/sim-disk.ts`,
        find: 'const wasAcknowledged = lostEntries > 0 && (',
        replace: 'const wasAcknowledged = lostEntries < 0 && (',
      },
    ],
  },
  {
    id: 'M25',
    bug: 'wiped member let back in under its old id',
    expected: 'both',
    patches: [
      {
        file: 'raft/src/membership/handshake.ts',
        find: 'if (known !== undefined && known.directory !== theirs.directory) {',
        replace: "if (known !== undefined && known.directory === '') {",
      },
    ],
  },
  {
    id: 'M26',
    bug: 'write error ignored',
    expected: 'both',
    patches: [
      {
        file: `${shell}/disk-writer.ts`,
        find: "member.crash('prefix');\n      return;",
        replace: 'this.#report(this.#underWay);\n this.#start();\n return;',
      },
    ],
  },
  {
    id: 'M27',
    bug: 'apply reads the local clock',
    expected: 'search',
    patches: [
      {
        file: `${shell}/key-value-machine.ts`,
        find: 'this.#timeMs = Math.max(this.#timeMs, wallMs);',
        replace: 'this.#timeMs = Math.max(this.#timeMs, wallMs + Math.floor(performance.now() * 1000));',
      },
    ],
  },
  {
    id: 'M28',
    bug: 'late duplicate of a previous incarnation accepted',
    expected: 'both',
    patches: [
      {
        file: `${core}/receiving.ts`,
        find: 'if (known === message.incarnation) return true;',
        replace: 'if (known !== undefined && message.incarnation <= known) return true;',
      },
      {
        file: `${core}/receiving.ts`,
        find: 'if (progress.incarnation === incarnation) return;',
        replace: 'if (incarnation <= progress.incarnation) return;',
      },
    ],
  },
  {
    id: 'M29',
    bug: 'election timer counts stalled time',
    expected: 'script',
    patches: [
      {
        file: `${core}/step.ts`,
        find: 'const ticks = elapsed > state.options.stallTicks ? 1 : elapsed;',
        replace: 'const ticks = elapsed;',
      },
    ],
  },
  {
    id: 'M30',
    bug: 'heartbeats stop while entries are applied',
    expected: 'script',
    patches: [
      {
        file: `${shell}/applier.ts`,
        find: 'this.#process.later(us, () => {',
        replace: 'this.#process.pause(us, true);\n this.#process.later(us, () => {',
      },
    ],
  },
  {
    id: 'M31',
    bug: 'leader with a hung disk keeps its office',
    expected: 'both',
    patches: [
      {
        file: `${core}/disk-health.ts`,
        find: "notice(state, { kind: 'disk-hung', seq: disk.firstPending, ticks: disk.oldestAge });",
        replace: 'if (disk.firstPending > 0) return;',
      },
    ],
  },
  {
    id: 'M32',
    bug: 'removed member disrupts the others',
    expected: 'both',
    patches: [
      {
        file: `${core}/voting.ts`,
        find: "if (role.kind === 'leader') return true;\n",
        replace: 'if (role.kind !== undefined) return false;\n',
      },
      {
        file: `${core}/campaign.ts`,
        find: 'countPreVotes(state, state.role as PreCandidate);',
        replace: "startCampaign(state, 'timeout');",
      },
    ],
  },
];
