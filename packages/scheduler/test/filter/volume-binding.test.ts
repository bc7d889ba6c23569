import { expect, test } from 'vitest';
import { createSession, type Session, type VolumeClaim } from '../../src/index.ts';
import { decide } from '../decisions.ts';
import { node, pod, zoneKey } from '../objects.ts';
import { mainClause } from '../verdict.ts';

const claiming = pod('p', { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } });
const inZone = (zone: string, state: VolumeClaim['state'] = 'bound'): VolumeClaim => ({
  namespace: 'default',
  name: 'data',
  state,
  nodeAffinity: { nodeSelectorTerms: [{ matchExpressions: [{ key: zoneKey, operator: 'In', values: [zone] }] }] },
});

function zones(): Session {
  const session = createSession({ nodeOrder: (name) => name.charCodeAt(0) });
  for (const zone of ['a', 'b']) session.upsertNode(node(`${zone}1`, { zone }));
  return session;
}

test.each([
  { claim: inZone('b'), says: 'b1' },
  { claim: inZone('b', 'waiting'), says: 'b1' },
  { claim: inZone('c'), says: '0/2 nodes are available: 2 node(s) had volume node affinity conflict.' },
  {
    claim: inZone('a', 'pending'),
    says: '0/2 nodes are available: 2 pod has unbound immediate PersistentVolumeClaims.',
  },
  { claim: undefined, says: '0/2 nodes are available: 2 persistentvolumeclaim "data" not found.' },
])('a pod with the claim $claim: $says', ({ claim, says }) => {
  const session = zones();
  if (claim !== undefined) session.upsertClaim(claim);
  session.upsertPod(claiming);
  const { placed, refused } = decide(session);
  expect(placed.get('p') ?? mainClause(refused.get('p')?.message ?? '')).toBe(says);
});

test('a pod that waits for its claim is placed when the claim is bound', () => {
  const session = zones();
  session.upsertClaim(inZone('b', 'pending'));
  session.upsertPod(claiming);
  expect(decide(session).refused.size).toBe(1);
  session.upsertClaim(inZone('b'));
  expect(session.hasWork).toBe(true);
  expect(decide(session).placed.get('p')).toBe('b1');
  session.removeClaim('default', 'data');
  session.upsertPod({ ...claiming, metadata: { ...claiming.metadata, uid: 'q' } });
  expect(decide(session).refused.has('q')).toBe(true);
});
