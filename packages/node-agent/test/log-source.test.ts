import type { PodStatus } from '@berth/api';
import { expect, test } from 'vitest';
import type { ContainerRunState } from '../src/engine/container-record.ts';
import type { ObservedMember } from '../src/pod/observed-container.ts';
import { logSource } from '../src/tunnel/log-source.ts';
import { aPod } from './support/fake-node.ts';

const states: Record<string, ContainerRunState> = {
  running: { kind: 'running', pid: 1, startedAtMs: 0 },
  exited: { kind: 'exited', startedAtMs: 0, finishedAtMs: 1, exitCode: 1, oomKilled: false, startError: '' },
  created: { kind: 'created' },
};

/** Runs of the container, newest first, by the names of their states. */
function runs(...names: readonly string[]): readonly ObservedMember[] {
  return names.map(
    (name, index) => ({ id: `${name}${index}`, state: states[name], removed: false }) as unknown as ObservedMember,
  );
}

function statusWith(waiting: { readonly reason: string; readonly message?: string } | undefined): PodStatus {
  const state = waiting === undefined ? {} : { waiting };
  return { containerStatuses: [{ name: 'web', state, ready: false, restartCount: 0, image: '', imageID: '' }] };
}

const backoff = { reason: 'CrashLoopBackOff' };

test.each([
  { members: ['running', 'exited'], previous: false, found: 'running0' },
  { members: ['running', 'exited'], previous: true, found: 'exited1' },
  { members: ['exited'], previous: false, waiting: backoff, found: 'exited0' },
  { members: ['exited'], previous: true, waiting: backoff, found: 'exited0' },
  { members: ['exited', 'exited'], previous: true, found: 'exited1' },
  { members: ['created', 'exited'], previous: false, found: 'exited1' },
])(
  'of $members (waiting: $waiting.reason, previous: $previous) the log of $found is meant',
  ({ members, previous, waiting, found }) => {
    expect(logSource(aPod(), statusWith(waiting), runs(...members), { container: 'web', previous }).id).toBe(found);
  },
);

test.each([
  {
    members: [],
    previous: false,
    waiting: { reason: 'ContainerCreating' },
    message: 'container "web" in pod "web-1" is waiting to start: ContainerCreating',
  },
  {
    members: [],
    previous: false,
    waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' },
    message: 'container "web" in pod "web-1" is waiting to start: Back-off pulling image "x"',
  },
  { members: ['running'], previous: true, message: 'previous terminated container "web" in pod "web-1" not found' },
  { members: ['exited'], previous: true, message: 'previous terminated container "web" in pod "web-1" not found' },
])('$message', ({ members, previous, waiting, message }) => {
  expect(() => logSource(aPod(), statusWith(waiting), runs(...members), { container: 'web', previous })).toThrow(
    message,
  );
});

test('a container that the pod does not have is refused', () => {
  expect(() => logSource(aPod(), {}, [], { container: 'other', previous: false })).toThrow(
    'container other is not valid for pod web-1',
  );
});
