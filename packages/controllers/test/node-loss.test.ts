import { formatTime } from '@berth/api';
import { beforeEach, expect, test } from 'vitest';
import { nodeLifecycleController } from '../src/node-lifecycle/node-lifecycle-controller.ts';
import { replicaSetController } from '../src/replica-set/replica-set-controller.ts';
import { FakeCluster, type Loose } from './fake-cluster.ts';
import { makeReady, namesOf, node, readyStatus, replicaSet, settings } from './fixtures.ts';
import { Loops } from './loops.ts';

const nodes = nodeLifecycleController(settings);
const replicaSets = replicaSetController(settings);
let cluster: FakeCluster;
let loops: Loops;
let bornAt: string;
let originals: readonly string[];

/** Six pods, three on each of two nodes, then n1 falls silent for as long as it takes to mark its pods. */
beforeEach(() => {
  cluster = new FakeCluster();
  cluster.now = { ...cluster.now, hearingSinceMonotonicMs: -60_000 };
  loops = new Loops(cluster, [nodes, replicaSets]);
  for (const name of ['n1', 'n2']) {
    cluster.create('nodes', node(name));
    cluster.connect(name);
  }
  cluster.create('replicasets.apps', replicaSet('web', 6));
  loops.settle();
  bornAt = formatTime(cluster.now.wallMs);
  for (const [at, name] of namesOf(cluster.all('pods')).entries()) makeReady(cluster, name, at % 2 === 0 ? 'n1' : 'n2');
  loops.settle();
  originals = namesOf(cluster.all('pods').filter(({ spec }) => spec.nodeName === 'n1'));
  cluster.advance(5_000);
  cluster.disconnect('n1');
  pass(2_000);
});

function pass(ms: number): void {
  cluster.advance(ms);
  loops.wakeAll(nodes, 'n1', 'n2');
  loops.wakeAll(replicaSets, 'default/web');
  loops.settle();
}

function present(): readonly Loose[] {
  return cluster.all('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

function replacements(): readonly Loose[] {
  return present().filter(({ metadata }) => metadata.annotations?.['berth.dev/replaces'] !== undefined);
}

function startReplacements(): void {
  for (const { metadata } of replacements()) makeReady(cluster, metadata.name, 'n2');
  loops.settle();
}

/** The agent is back and reports that its containers never stopped. */
function returnOfNode(): void {
  cluster.connect('n1');
  cluster.editStatus('nodes', 'n1', { conditions: [{ type: 'Ready', status: 'True' }] });
  for (const name of originals) cluster.editStatus('pods', `default/${name}`, readyStatus(bornAt));
  pass(10);
}

test('replacements start one second after the node is lost, not before', () => {
  expect(present()).toHaveLength(6);
  const plan = replicaSets.reconcile(cluster, 'default/web', cluster.now);
  expect(plan).toEqual({ writes: [], requeueAfterMs: 1_000 });
  pass(1_000);
  expect(replacements()).toHaveLength(3);
  expect(replacements().map(({ metadata }) => metadata.annotations?.['berth.dev/replaces'])).toEqual(originals);
  expect(cluster.at('replicasets.apps', 'default/web').status).toMatchObject({ replicas: 6, readyReplicas: 3 });
});

test('lost pods are kept, and nothing more happens while the node stays away', () => {
  pass(1_000);
  startReplacements();
  pass(60_000);
  expect(namesOf(present())).toEqual(expect.arrayContaining([...originals]));
  expect(present()).toHaveLength(9);
});

test('when the node comes back its pods are kept and the replacements go', () => {
  pass(1_000);
  startReplacements();
  pass(30_000);
  returnOfNode();
  expect(replacements()).toEqual([]);
  expect(namesOf(present())).toEqual(expect.arrayContaining([...originals]));
  expect(present()).toHaveLength(6);
});

test('replacements go even where they are spread and the originals share a node', () => {
  pass(1_000);
  for (const [at, { metadata }] of replacements().entries()) makeReady(cluster, metadata.name, `n${at + 3}`);
  loops.settle();
  pass(30_000);
  returnOfNode();
  expect(replacements()).toEqual([]);
  expect(namesOf(present())).toEqual(expect.arrayContaining([...originals]));
});

test('an original that came back broken does not cost its running replacement', () => {
  pass(1_000);
  startReplacements();
  cluster.connect('n1');
  cluster.editStatus('nodes', 'n1', { conditions: [{ type: 'Ready', status: 'True' }] });
  for (const name of originals) {
    cluster.editStatus('pods', `default/${name}`, {
      phase: 'Running',
      reason: undefined,
      conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
    });
  }
  pass(10);
  expect(replacements()).toHaveLength(3);
  for (const name of originals) expect(namesOf(present())).not.toContain(name);
});

test('a node that comes and goes brings neither more replacements nor the loss of its pods', () => {
  pass(1_000);
  startReplacements();
  for (let times = 0; times < 5; times += 1) {
    cluster.connect('n1');
    pass(300);
    cluster.disconnect('n1');
    pass(700);
  }
  expect(namesOf(present())).toEqual(expect.arrayContaining([...originals]));
  expect(present()).toHaveLength(9);
});

test('a new leader does not count lost pods again', () => {
  pass(1_000);
  startReplacements();
  cluster.forgetSession('n1');
  cluster.forgetSession('n2');
  cluster.now = { ...cluster.now, hearingSinceMonotonicMs: cluster.now.monotonicMs };
  pass(10);
  expect(present()).toHaveLength(9);
  expect(cluster.all('pods').every(({ metadata }) => metadata.deletionTimestamp === undefined)).toBe(true);
});

test('scaling to zero deletes lost pods too', () => {
  pass(1_000);
  startReplacements();
  cluster.edit('replicasets.apps', 'default/web', ({ spec }) => ({ spec: { ...spec, replicas: 0 } }));
  loops.settle();
  expect(present()).toEqual([]);
});

test('a pod that tolerates an unreachable node for ever is waited for', () => {
  const [name] = originals;
  cluster.edit('pods', `default/${name}`, ({ spec }) => ({
    spec: { ...spec, tolerations: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists' }] },
  }));
  pass(3_600_000);
  expect(replacements()).toHaveLength(2);
});
