import { expect, test } from 'vitest';
import { checkHandshake, foundingConfiguration, type Handshake, memberId } from '../src/index.ts';
import { testMember } from './harness/scenario-cluster.ts';

const configuration = foundingConfiguration([testMember(1), testMember(2)]);
const mine: Handshake = {
  clusterId: 'c1',
  member: memberId(1),
  peer: memberId(2),
  directory: 'dir-1',
  incarnation: 4,
  protocolMin: 2,
  protocolMax: 3,
};
const theirs: Handshake = { ...mine, member: memberId(2), peer: memberId(1), directory: 'dir-2' };

test('a member of the configuration with its own directory is let in', () => {
  expect(checkHandshake(mine, theirs, configuration)).toBeUndefined();
});

test('a member that this configuration does not know yet is let in: it may be newer', () => {
  expect(checkHandshake(mine, { ...theirs, member: memberId(9), directory: 'new' }, configuration)).toBeUndefined();
});

test.each<[string, Partial<Handshake>, string, string]>([
  ['of another cluster', { clusterId: 'c2' }, 'other-cluster', 'member 2 belongs to cluster c2, this is c1'],
  ['that looks for somebody else', { peer: memberId(7) }, 'other-member', 'looks for member 7 here, this is 1'],
  [
    'that lost its data directory',
    { directory: 'fresh' },
    'other-directory',
    'remove the member and join again as a new one',
  ],
  ['of an old version', { protocolMin: 1, protocolMax: 1 }, 'no-common-protocol', 'upgrade one version at a time'],
])('rule 44: a process %s is refused and told what to do', (_what, change, reason, message) => {
  const refusal = checkHandshake(mine, { ...theirs, ...change }, configuration);
  expect(refusal?.reason).toBe(reason);
  expect(refusal?.message).toContain(message);
});
