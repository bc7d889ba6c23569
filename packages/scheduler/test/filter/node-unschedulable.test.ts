import { expect, test } from 'vitest';
import { node, pod } from '../objects.ts';
import { verdict } from '../verdict.ts';

test('a cordoned node takes no pods but those that tolerate it', () => {
  const cordoned = [node('n1', { unschedulable: true })];
  const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }];
  expect(verdict(cordoned, [], pod('p'))).toBe('0/1 nodes are available: 1 node(s) were unschedulable.');
  expect(verdict(cordoned, [], pod('p', { spec: { tolerations } }))).toBe('n1');
});
