import type { Node, Pod } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSession, type Session, type Suggestion } from '../src/index.ts';
import { decide } from './decisions.ts';
import { node, pod } from './objects.ts';
import { someNode, somePod } from './random-cluster.ts';

function load(nodes: readonly Node[], pods: readonly Pod[]): Session {
  const session = createSession({ nodeOrder: (name) => Number(name.slice(1)) });
  for (const each of nodes) session.upsertNode(each);
  for (const each of pods) session.upsertPod(each);
  decide(session);
  return session;
}

const texts = (session: Session, uid: string): readonly string[] =>
  session.explain(uid)?.suggestions.map(({ text }) => text) ?? [];

test('a placed pod: every node with its score and what each rule gave, the pod itself thought away', () => {
  const session = load([node('n1', { zone: 'a' }), node('n2', { zone: 'b' })], [pod('p', { owner: 'web', cpu: '1' })]);
  session.upsertPod(pod('q', { owner: 'web', cpu: '1' }));
  decide(session);
  const explanation = session.explain('q');
  expect([explanation?.state, explanation?.node]).toEqual(['assumed', 'n2']);
  expect(explanation?.nodes.map(({ node: name, parts }) => [name, parts])).toEqual([
    ['n2', [{ rule: 'Pack', points: 12 }]],
    [
      'n1',
      [
        { rule: 'TopologyBalance', points: -266 },
        { rule: 'Pack', points: 25 },
      ],
    ],
  ]);
});

test('a pod that fits nowhere: per node every rule that refuses it', () => {
  const session = load(
    [node('n1', { cpu: '1', unschedulable: true }), node('n2', { cpu: '1' })],
    [pod('p', { cpu: '2' })],
  );
  expect(session.explain('p')?.nodes.map(({ node: name, refusals }) => [name, refusals])).toEqual([
    ['n2', [{ rule: 'NodeResourcesFit', reasons: ['Insufficient cpu'] }]],
    [
      'n1',
      [
        { rule: 'NodeUnschedulable', reasons: ['node(s) were unschedulable'] },
        { rule: 'NodeResourcesFit', reasons: ['Insufficient cpu'] },
      ],
    ],
  ]);
});

test.each([
  {
    what: 'a smaller request',
    nodes: [node('n1', { cpu: '2' })],
    pods: [pod('there', { cpu: '500m', node: 'n1' })],
    text: 'would fit on n1 if it asked for at most 1500m cpu',
  },
  {
    what: 'a node without its taint',
    nodes: [node('n1', { taints: [{ key: 'team', value: 'red', effect: 'NoSchedule' }] })],
    pods: [],
    text: 'would fit on n1 if the node lost the taint team=red:NoSchedule',
  },
  {
    what: 'a node uncordoned and a neighbour less',
    nodes: [node('n1', { unschedulable: true, pods: '1' })],
    pods: [pod('there', { node: 'n1' })],
    text: 'would fit on n1 if the node were uncordoned and default/there left the node',
  },
])('suggested: $what', ({ nodes, pods, text }) => {
  const session = load(nodes, [...pods, pod('p', { cpu: '2' })]);
  expect(texts(session, 'p')).toEqual([text]);
});

test('a missing label is suggested for the node', () => {
  const session = load([node('n1')], [pod('p', { spec: { nodeSelector: { disk: 'ssd' } } })]);
  expect(texts(session, 'p')).toEqual(['would fit on n1 if the node had the label disk=ssd']);
});

test('asking changes nothing', () => {
  const session = load([node('n1', { cpu: '1' })], [pod('there', { cpu: '1', node: 'n1' }), pod('p', { cpu: '1' })]);
  const before = JSON.stringify([session.stats(), session.hasWork]);
  session.explain('p');
  session.explain('there');
  expect(JSON.stringify([session.stats(), session.hasWork])).toBe(before);
  expect(decide(session).order).toEqual([]);
});

/** Does what a suggestion says to the objects. */
function apply(suggestion: Suggestion, nodes: Map<string, Node>, pods: Map<string, Pod>, uid: string): void {
  for (const change of suggestion.changes) {
    if (change.kind === 'evict') for (const each of change.uids) pods.delete(each);
    if (change.kind === 'node') {
      const before = nodes.get(change.node) as Node;
      const gone = new Set(change.removeTaints.map((taint) => JSON.stringify(taint)));
      nodes.set(change.node, {
        ...before,
        metadata: { ...before.metadata, labels: { ...before.metadata.labels, ...change.addLabels } },
        spec: {
          taints: (before.spec.taints ?? []).filter((taint) => !gone.has(JSON.stringify(taint))),
          unschedulable: false,
        },
      });
    }
    if (change.kind === 'request') {
      const before = pods.get(uid) as Pod;
      const [container] = before.spec.containers as [Pod['spec']['containers'][number]];
      const requests = { ...container.resources?.requests, ...change.atMost };
      pods.set(uid, { ...before, spec: { ...before.spec, containers: [{ ...container, resources: { requests } }] } });
    }
  }
}

test('every suggestion, when it is followed, places the pod', () => {
  let followed = 0;
  fc.assert(
    fc.property(
      fc.array(someNode, { minLength: 1, maxLength: 4 }),
      fc.array(somePod, { minLength: 1, maxLength: 8 }),
      (someNodes, somePods) => {
        const nodes = new Map(someNodes.map((each) => [each.metadata.name ?? '', each]));
        const pods = new Map(somePods.map((each) => [each.metadata.uid ?? '', each]));
        const session = load([...nodes.values()], [...pods.values()]);
        for (const { uid, node: home } of session.decisions()) {
          const placed = pods.get(uid) as Pod;
          pods.set(uid, { ...placed, spec: { ...placed.spec, nodeName: home } });
        }
        for (const [uid, each] of pods) {
          if (each.spec.nodeName !== undefined) continue;
          for (const suggestion of session.explain(uid)?.suggestions ?? []) {
            const changedNodes = new Map(nodes);
            const changedPods = new Map(
              [...pods].filter(([other, { spec }]) => other === uid || spec.nodeName !== undefined),
            );
            apply(suggestion, changedNodes, changedPods, uid);
            const after = load([...changedNodes.values()], [...changedPods.values()]);
            const isPlaced = after.decisions().some((record) => record.uid === uid);
            expect(isPlaced, `${uid}: ${suggestion.text}`).toBe(true);
            followed += 1;
          }
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(followed).toBeGreaterThan(50);
});
