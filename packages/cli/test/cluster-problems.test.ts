import type { Node, Pod } from '@berth/api';
import { expect, test } from 'vitest';
import { type ClusterReport, podCounts, problemsOf } from '../src/commands/cluster-problems.ts';

const server = (name: string) => ({ name, apiAddress: `${name}:6443`, role: 'voter' });
const healthy: ClusterReport = {
  servers: ['s1', 's2', 's3'].map(server),
  leader: 's1',
  leaderlessBecause: '',
  unreadyServers: new Set(),
  nodes: [],
  pods: [],
};
const podWith = (status: Pod['status'], name = 'web'): Pod =>
  ({ metadata: { name, namespace: 'default' }, spec: { containers: [] }, status }) as unknown as Pod;
const nodeWith = (conditions: NonNullable<Node['status']>['conditions']): Node =>
  ({ metadata: { name: 'n1' }, spec: {}, status: { conditions } }) as unknown as Node;

test('all is well', () => {
  const running = podWith({ phase: 'Running' });
  const ready = nodeWith([{ type: 'Ready', status: 'True' }]);
  expect(problemsOf({ ...healthy, pods: [running], nodes: [ready] })).toEqual([]);
});

test('no leader comes first, with the reason of the server that was asked', () => {
  const report = { ...healthy, leader: '', leaderlessBecause: 'a quorum of 2 is out of reach' };
  expect(problemsOf(report)[0]).toBe('no server leads, so nothing can be changed: a quorum of 2 is out of reach');
});

test('a server that is down, and that one more would be too many', () => {
  expect(problemsOf({ ...healthy, unreadyServers: new Set(['s3']) })).toEqual([
    'server s3 does not answer here, or is not ready',
    'the loss of one more server would stop all changes',
  ]);
  const five = { ...healthy, servers: ['s1', 's2', 's3', 's4', 's5'].map(server), unreadyServers: new Set(['s5']) };
  expect(problemsOf(five)).toHaveLength(1);
});

test.each<[string, NonNullable<Pod['status']>, string]>([
  ['lost', { phase: 'Running', reason: 'NodeLost' }, 'pod default/web was on a node that is lost'],
  ['failed', { phase: 'Failed', reason: 'Evicted' }, 'pod default/web has failed: Evicted'],
  [
    'crashing',
    {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
        },
      ] as unknown as NonNullable<NonNullable<Pod['status']>['containerStatuses']>,
    },
    'pod default/web: container app waits, CrashLoopBackOff: back-off 10s',
  ],
])('a pod that is %s', (_title, status, problem) => {
  expect(problemsOf({ ...healthy, pods: [podWith(status)] })).toEqual([problem]);
});

test('what is starting, done or being deleted is no problem', () => {
  const starting = podWith({
    phase: 'Pending',
    containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ContainerCreating' } } }],
  } as unknown as Pod['status']);
  const done = podWith({ phase: 'Succeeded' });
  const leaving = podWith({ phase: 'Failed' });
  const deleted = { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(problemsOf({ ...healthy, pods: [starting, done, deleted] })).toEqual([]);
});

test('a node that never reported, and one that is silent', () => {
  expect(problemsOf({ ...healthy, nodes: [nodeWith([])] })).toEqual(['node n1 is not ready: it has never reported']);
  const silent = nodeWith([
    { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'silent for 9s' },
  ]);
  expect(problemsOf({ ...healthy, nodes: [silent] })).toEqual([
    'node n1 is not ready: NodeStatusUnknown: silent for 9s',
  ]);
});

test('many of a kind are counted', () => {
  const pods = Array.from({ length: 9 }, (_, index) => podWith({ phase: 'Failed' }, `web-${index}`));
  const problems = problemsOf({ ...healthy, pods });
  expect(problems).toHaveLength(6);
  expect(problems.at(-1)).toBe('4 more pods have problems');
});

test('pods are counted as kubectl shows them: those of a lost node do not count as running', () => {
  const running = podWith({ phase: 'Running' });
  const lost = podWith({ phase: 'Running', reason: 'NodeLost' });
  const leaving = { ...running, metadata: { ...running.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  expect(podCounts([running, lost, running, leaving, podWith(undefined)])).toBe(
    '1 Pending, 2 Running, 1 Terminating, 1 Unknown',
  );
  expect(podCounts([])).toBe('none');
});
