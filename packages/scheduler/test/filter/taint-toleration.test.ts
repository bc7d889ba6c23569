import { expect, test } from 'vitest';
import { node, pod } from '../objects.ts';
import { verdict } from '../verdict.ts';

const tainted = node('n1', { taints: [{ key: 'team', value: 'red', effect: 'NoSchedule' }] });
const refused = '0/1 nodes are available: 1 node(s) had untolerated taint {team: red}.';

test.each([
  { tolerations: [], says: refused },
  { tolerations: [{ key: 'team', value: 'red' }], says: 'n1' },
  { tolerations: [{ key: 'team', value: 'blue' }], says: refused },
  { tolerations: [{ key: 'team', operator: 'Exists' }], says: 'n1' },
  { tolerations: [{ operator: 'Exists' }], says: 'n1' },
  { tolerations: [{ key: 'team', operator: 'Exists', effect: 'NoExecute' }], says: refused },
])('tolerations $tolerations against team=red:NoSchedule: $says', ({ tolerations, says }) => {
  expect(verdict([tainted], [], pod('p', { spec: { tolerations } }))).toBe(says);
});

test('the first taint that is not tolerated is named, one without a value with nothing after the colon', () => {
  const lost = node('n1', {
    taints: [
      { key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
    ],
  });
  expect(verdict([lost], [], pod('p'))).toBe(
    '0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }.',
  );
});

test('PreferNoSchedule keeps nobody away', () => {
  const node1 = node('n1', { taints: [{ key: 'team', value: 'red', effect: 'PreferNoSchedule' }] });
  expect(verdict([node1], [], pod('p'))).toBe('n1');
});
