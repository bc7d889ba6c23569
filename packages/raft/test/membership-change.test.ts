import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Configuration,
  decodeConfiguration,
  encodeConfiguration,
  foundingConfiguration,
  isJoint,
  type Member,
  type MembershipChange,
  memberId,
} from '../src/index.ts';
import { changeConfiguration, leaveJoint } from '../src/membership/membership-change.ts';
import { isQuorum } from '../src/membership/quorum.ts';
import './harness/property-seed.ts';

function member(id: number, preferred = false): Member {
  return { id: memberId(id), directory: `dir-${id}`, address: `host-${id}`, preferred };
}

function founded(voters: number, learners: number): Configuration {
  const members = Array.from({ length: voters + learners }, (_, i) => member(i + 1));
  return foundingConfiguration(members.slice(0, voters), members.slice(voters));
}

function changed(configuration: Configuration, ...changes: MembershipChange[]): Configuration {
  const result = changeConfiguration(configuration, changes);
  if (!result.ok) throw new Error(result.message);
  return result.configuration;
}

const id = (value: number) => memberId(value);

/** Who votes after the change is complete, worked out with plain sets. */
function naiveVoters(configuration: Configuration, changes: readonly MembershipChange[]): number[] {
  const voters = new Set<number>(configuration.voters);
  for (const change of changes) {
    if (change.kind === 'promote') voters.add(change.id);
    if (change.kind === 'demote' || change.kind === 'remove') voters.delete(change.id);
  }
  return [...voters].sort((a, b) => a - b);
}

const anyChange: fc.Arbitrary<MembershipChange> = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((n): MembershipChange => ({ kind: 'add-learner', member: member(n) })),
  fc.integer({ min: 1, max: 8 }).map((n): MembershipChange => ({ kind: 'promote', id: id(n) })),
  fc.integer({ min: 1, max: 8 }).map((n): MembershipChange => ({ kind: 'demote', id: id(n) })),
  fc.integer({ min: 1, max: 8 }).map((n): MembershipChange => ({ kind: 'remove', id: id(n) })),
);

test('one voter more or less changes in one step, more of them jointly', () => {
  const three = founded(3, 2);
  expect(isJoint(changed(three, { kind: 'promote', id: id(4) }))).toBe(false);
  expect(isJoint(changed(three, { kind: 'remove', id: id(3) }))).toBe(false);
  const joint = changed(three, { kind: 'promote', id: id(4) }, { kind: 'remove', id: id(3) });
  expect(joint).toMatchObject({ voters: [1, 2, 4], outgoing: [1, 2, 3], learners: [5] });
  expect(leaveJoint(joint)).toMatchObject({ voters: [1, 2, 4], outgoing: [], learners: [5] });
});

test('a voter that is demoted jointly votes until the change is left, and learns afterwards', () => {
  const joint = changed(founded(3, 0), { kind: 'demote', id: id(2) }, { kind: 'demote', id: id(3) });
  expect(joint).toMatchObject({ voters: [1], outgoing: [1, 2, 3], learners: [], learnersNext: [2, 3] });
  expect(leaveJoint(joint)).toMatchObject({ voters: [1], outgoing: [], learners: [2, 3], learnersNext: [] });
});

test('a removed voter stays on record until the joint change is left', () => {
  const joint = changed(founded(3, 1), { kind: 'promote', id: id(4) }, { kind: 'remove', id: id(1) });
  expect(joint.members.map((record) => record.id)).toEqual([1, 2, 3, 4]);
  expect(leaveJoint(joint).members.map((record) => record.id)).toEqual([2, 3, 4]);
});

test('rule 44: an id is never given away twice, also not after its member was removed', () => {
  const removed = changed(founded(3, 0), { kind: 'remove', id: id(3) });
  const again = changeConfiguration(removed, [{ kind: 'add-learner', member: { ...member(3), directory: 'new' } }]);
  expect(again).toEqual({ ok: false, message: 'member id 3 was given away before, the next free one is 4' });
  const otherId = changeConfiguration(founded(3, 0), [
    { kind: 'add-learner', member: { ...member(4), directory: 'dir-2' } },
  ]);
  expect(otherId).toEqual({ ok: false, message: 'data directory dir-2 already belongs to member 2' });
});

test.each<[string, MembershipChange[], string]>([
  ['nothing', [], 'no change was named'],
  ['an unknown member', [{ kind: 'remove', id: id(9) }], 'member 9 is not in the cluster'],
  ['a voter again', [{ kind: 'promote', id: id(1) }], 'member 1 is a voter already'],
  ['a learner again', [{ kind: 'demote', id: id(4) }], 'member 4 is a learner already'],
  [
    'one member twice',
    [
      { kind: 'demote', id: id(1) },
      { kind: 'remove', id: id(1) },
    ],
    'member 1 is named by two changes',
  ],
])('changing %s is refused', (_what, changes, message) => {
  expect(changeConfiguration(founded(3, 1), changes)).toEqual({ ok: false, message });
});

test('whatever is changed, the old and the new majority always share a voter on the way', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(anyChange, { minLength: 1, maxLength: 5 }),
      fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
      fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
      (voters, learners, changes, first, second) => {
        const before = founded(voters, learners);
        const result = changeConfiguration(before, changes);
        if (!result.ok) return;
        const steps = isJoint(result.configuration)
          ? [before, result.configuration, leaveJoint(result.configuration)]
          : [before, result.configuration];
        expect(steps.at(-1)?.voters).toEqual(naiveVoters(before, changes));
        for (let i = 1; i < steps.length; i++) {
          const [old, next] = [steps[i - 1] as Configuration, steps[i] as Configuration];
          if (!isQuorum(old, (other) => first[other] === true) || !isQuorum(next, (other) => second[other] === true))
            continue;
          expect(first.some((vote, other) => vote && second[other] === true)).toBe(true);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a configuration survives its bytes, and equal ones have equal bytes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(anyChange, { maxLength: 5 }),
      (voters, learners, changes) => {
        const result = changeConfiguration(founded(voters, learners), changes);
        const configuration = result.ok ? result.configuration : founded(voters, learners);
        const bytes = encodeConfiguration(configuration);
        expect(decodeConfiguration(bytes)).toEqual(configuration);
        expect(encodeConfiguration(structuredClone(configuration))).toEqual(bytes);
      },
    ),
  );
});

test('bytes that break the rules of a configuration are none', () => {
  const sound = founded(3, 1);
  const broken: Configuration[] = [
    { ...sound, voters: [id(2), id(1), id(3)] },
    { ...sound, voters: [id(1), id(1), id(3)] },
    { ...sound, learners: [id(1)] },
    { ...sound, learnersNext: [id(2)] },
    { ...sound, voters: [id(1), id(9)] },
    { ...sound, nextMemberId: 2 },
  ];
  for (const configuration of broken) expect(decodeConfiguration(encodeConfiguration(configuration))).toBeUndefined();
});
