import type { Pod } from '@berth/api';
import { expect, test } from 'vitest';
import type { ContainerRunState } from '../src/engine/container-record.ts';
import { configHash } from '../src/pod/config-hash.ts';
import type { ContainerIdentity } from '../src/pod/container-identity.ts';
import type { ObservedContainer } from '../src/pod/observed-container.ts';
import { PodMemoryBook } from '../src/pod/pod-memory-book.ts';
import { planPod } from '../src/pod/pod-plan.ts';
import { type PodGoal, podSituation } from '../src/pod/pod-situation.ts';
import { aPod } from './support/fake-node.ts';

const nowMs = 1_700_000_000_000;
const running: ContainerRunState = { kind: 'running', pid: 1, startedAtMs: nowMs - 1000 };
const created: ContainerRunState = { kind: 'created' };
const web = { name: 'web', image: 'web' };

function observed(id: string, identity: ContainerIdentity, state: ContainerRunState): ObservedContainer {
  return {
    id,
    name: id,
    labels: {},
    image: 'web',
    imageId: 'i',
    createdAtMs: 0,
    stopSignal: 'SIGTERM',
    state,
    identity,
    removed: false,
  };
}

const pod = { uid: 'u1', namespace: 'default', pod: 'web-1' };

function sandbox(id: string, state: ContainerRunState, attempt = 0): ObservedContainer {
  return observed(id, { ...pod, role: 'sandbox', attempt, podIp: '10.0.0.2', hostPorts: '' }, state);
}

function member(
  id: string,
  sandboxId: string,
  state: ContainerRunState,
  attempt = 0,
  hash = configHash(web),
): ObservedContainer {
  return observed(
    id,
    { ...pod, role: 'container', container: 'web', attempt, sandboxId, hash, backoffSeconds: 0 },
    state,
  );
}

function memory(change: (book: PodMemoryBook) => void = () => undefined): PodMemoryBook {
  const book = new PodMemoryBook();
  book.files = { kind: 'ready' };
  book.wiredSandboxes.add('s0');
  book.changeContainer('web', { image: { kind: 'present', attempt: 0 } });
  change(book);
  return book;
}

/** The planned actions, each as `kind target`. */
function plan(
  containers: readonly ObservedContainer[],
  book: PodMemoryBook,
  goal: PodGoal = { kind: 'assigned', pod: aPod() },
): readonly string[] {
  const { actions } = planPod(podSituation('u1', goal, containers, book, { nowMs, wallMs: nowMs }));
  return actions.map((action) => {
    if ('containerId' in action) return `${action.kind} ${action.containerId}`;
    return 'container' in action ? `${action.kind} ${action.container.spec.name}` : action.kind;
  });
}

const deleted = (grace: number): Pod => aPod({}, { deletionTimestamp: 'now', deletionGracePeriodSeconds: grace });

test.each<{ what: string; containers: ObservedContainer[]; book: PodMemoryBook; wanted: string[]; goal?: PodGoal }>([
  {
    what: 'nothing is there: files, image and sandbox at once',
    containers: [],
    book: new PodMemoryBook(),
    wanted: ['prepare-files', 'create-sandbox', 'ensure-image web'],
  },
  {
    what: 'a sandbox is made: it starts, and the container is made beside it',
    containers: [sandbox('s0', created)],
    book: memory(),
    wanted: ['start-sandbox s0', 'create-container web'],
  },
  {
    what: 'files are missing: no container yet',
    containers: [sandbox('s0', created)],
    book: memory((book) => {
      book.files = { kind: 'pending' };
    }),
    wanted: ['prepare-files', 'start-sandbox s0'],
  },
  {
    what: 'a sandbox without a wire is wired before anything starts in it',
    containers: [sandbox('s1', running), member('w', 's1', created)],
    book: memory(),
    wanted: ['attach-network s1'],
  },
  {
    what: 'all is ready: the container starts',
    containers: [sandbox('s0', running), member('w', 's0', created)],
    book: memory(),
    wanted: ['start-container w'],
  },
  {
    what: 'all runs: nothing',
    containers: [sandbox('s0', running), member('w', 's0', running)],
    book: memory(),
    wanted: [],
  },
  {
    what: 'a container of another sandbox runs: it ends',
    containers: [sandbox('s0', running, 1), member('w', 'old', running)],
    book: memory(),
    wanted: ['begin-stop w'],
  },
  {
    what: 'a container made for another sandbox: it goes',
    containers: [sandbox('s0', running, 1), member('w', 'old', created)],
    book: memory(),
    wanted: ['remove w'],
  },
  {
    what: 'an older sandbox is left: it goes',
    containers: [sandbox('s0', running, 1), sandbox('old', running, 0), member('w', 's0', running)],
    book: memory(),
    wanted: ['remove old'],
  },
  {
    what: 'what is under way is not begun again',
    containers: [sandbox('s0', created)],
    book: memory((book) => {
      book.busy.add('start-sandbox/s0').add('create-container/web');
    }),
    wanted: [],
  },
  {
    what: 'the pod is deleted: the container ends first',
    containers: [sandbox('s0', running), member('w', 's0', running)],
    book: memory(),
    goal: { kind: 'assigned', pod: deleted(30) },
    wanted: ['begin-stop w'],
  },
  {
    what: 'then all goes',
    containers: [sandbox('s0', running), member('w', 's0', created)],
    book: memory(),
    goal: { kind: 'assigned', pod: deleted(30) },
    wanted: ['remove s0', 'remove w'],
  },
  {
    what: 'then the files',
    containers: [],
    book: memory(),
    goal: { kind: 'assigned', pod: deleted(30) },
    wanted: ['release'],
  },
  {
    what: 'but not while something is under way',
    containers: [],
    book: memory((book) => {
      book.busy.add('create-sandbox');
    }),
    goal: { kind: 'assigned', pod: deleted(30) },
    wanted: [],
  },
  {
    what: 'leftovers of a pod nobody knows go as well',
    containers: [sandbox('s0', running), member('w', 's0', running)],
    book: memory(),
    goal: { kind: 'gone', pod: undefined },
    wanted: ['begin-stop w'],
  },
])('$what', ({ containers, book, wanted, goal }) => {
  expect(plan(containers, book, goal)).toEqual(wanted);
});

test('a signal that seems lost is repeated', () => {
  const stop = {
    sinceMs: nowMs - 40_000,
    graceMs: 1000,
    hook: { kind: 'ended', atMs: nowMs - 40_000 },
    signalledAtMs: nowMs - 40_000,
  } as const;
  const containers = [sandbox('s0', running), member('w', 's0', running)];
  const goal: PodGoal = { kind: 'assigned', pod: deleted(1) };
  const killed = (agoMs: number) => memory((book) => book.stops.set('w', { ...stop, killedAtMs: nowMs - agoMs }));
  expect(plan(containers, killed(4000), goal)).toEqual([]);
  expect(plan(containers, killed(5000), goal)).toEqual(['signal w']);
});
