import { expect, test } from 'vitest';
import { SessionDirectory } from '../../src/cluster/session-directory.ts';

function openDirectory() {
  const clock = { nowMs: 0, monotonicMs: () => clock.nowMs, wallMs: () => clock.nowMs };
  const directory = new SessionDirectory(clock);
  const changes: string[] = [];
  directory.onChange((nodeName) => void changes.push(`${nodeName} ${directory.get(nodeName)?.connected}`));
  return { clock, directory, changes };
}

const n1 = { nodeName: 'n1', connected: true };

test('nobody is known when a reign begins', () => {
  const { directory } = openDirectory();
  expect(directory.get('n1')).toBeUndefined();
  directory.update('s1', [n1]);
  directory.clear();
  expect(directory.get('n1')).toBeUndefined();
});

test('a node that moves from one server to another was never away', () => {
  const { clock, directory, changes } = openDirectory();
  directory.update('s1', [n1]);
  clock.nowMs = 100;
  directory.update('s2', [n1]);
  directory.update('s1', [{ nodeName: 'n1', connected: false }]);
  expect(directory.get('n1')).toEqual({ connected: true, sinceMonotonicMs: 0 });
  expect(changes).toEqual(['n1 true']);
});

test('a node is away from the end of its last session on', () => {
  const { clock, directory, changes } = openDirectory();
  directory.update('s1', [n1]);
  clock.nowMs = 500;
  directory.update('s1', [{ nodeName: 'n1', connected: false }]);
  clock.nowMs = 900;
  directory.update('s1', [{ nodeName: 'n1', connected: false }]);
  expect(directory.get('n1')).toEqual({ connected: false, sinceMonotonicMs: 500 });
  expect(changes).toEqual(['n1 true', 'n1 false']);
});

test('what a whole report does not name any more has ended', () => {
  const { directory } = openDirectory();
  directory.replace('s1', [n1, { nodeName: 'n2', connected: true }]);
  directory.replace('s1', [{ nodeName: 'n2', connected: true }]);
  expect(directory.get('n1')?.connected).toBe(false);
  expect(directory.get('n2')?.connected).toBe(true);
});

test('with a server its agents are lost, those that have moved on are not', () => {
  const { directory } = openDirectory();
  directory.replace('s1', [n1, { nodeName: 'n2', connected: true }]);
  directory.update('s2', [n1]);
  directory.lose('s1');
  expect(directory.get('n1')?.connected).toBe(true);
  expect(directory.get('n2')?.connected).toBe(false);
});
