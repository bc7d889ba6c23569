import { podTemplateHash } from '@berth/api';
import { expect, test } from 'vitest';
import { deploymentController } from '../src/deployment/deployment-controller.ts';
import { condition, replicaSet } from './fixtures.ts';
import { runTwice } from './loops.ts';
import { Rollout, revision } from './rollout.ts';

const key = 'default/web';

test('makes a ReplicaSet named after the hash of the template, at revision 1', () => {
  const rollout = new Rollout(3);
  rollout.cluster.apply(deploymentController.reconcile(rollout.cluster, key, rollout.cluster.now));
  const [set] = rollout.sets;
  const hash = podTemplateHash(rollout.deployment.spec.template);
  expect(set).toMatchObject({
    metadata: {
      name: `web-${hash}`,
      labels: { app: 'web', 'pod-template-hash': hash },
      annotations: {
        'deployment.kubernetes.io/revision': '1',
        'deployment.kubernetes.io/desired-replicas': '3',
        'deployment.kubernetes.io/max-replicas': '4',
      },
      ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }],
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
      template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
    },
  });
  expect(revision(rollout.deployment)).toBe('1');
  expect(condition(rollout.deployment, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetCreated',
  });
  expect(condition(rollout.deployment, 'Available')).toMatchObject({
    status: 'False',
    reason: 'MinimumReplicasUnavailable',
    message: 'Deployment does not have minimum availability.',
  });
  expect(rollout.scalingMessages).toEqual([`Scaled up replica set web-${hash} from 0 to 3`]);
});

test('a complete Deployment says so, and then there is nothing to do', () => {
  const rollout = new Rollout(3);
  rollout.complete();
  expect(rollout.deployment.status).toMatchObject({
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    unavailableReplicas: 0,
  });
  expect(condition(rollout.deployment, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `ReplicaSet "${rollout.sets[0]?.metadata.name}" has successfully progressed.`,
  });
  expect(condition(rollout.deployment, 'Available')).toMatchObject({
    status: 'True',
    reason: 'MinimumReplicasAvailable',
  });
  const plan = runTwice(rollout.cluster, deploymentController, key);
  expect(plan).toEqual({ writes: [] });
});

test('a new image is rolled out and the old ReplicaSet kept at 0', () => {
  const rollout = new Rollout(6);
  rollout.complete();
  rollout.setImage('web:2');
  rollout.settle();
  // 25 % of 6: two more than wanted may exist, one may be missing.
  expect(rollout.images).toEqual({ 'web:1': 5, 'web:2': 3 });
  rollout.complete();
  expect(rollout.images).toEqual({ 'web:2': 6 });
  expect(rollout.setOfImage('web:1').spec.replicas).toBe(0);
  expect(revision(rollout.setOfImage('web:2'))).toBe('2');
  expect(revision(rollout.deployment)).toBe('2');
});

test('undo, as kubectl does it, takes the old ReplicaSet again and raises its revision', () => {
  const rollout = new Rollout(4);
  rollout.complete();
  const first = rollout.setOfImage('web:1').metadata.name;
  rollout.setImage('web:2');
  rollout.complete();
  rollout.setImage('web:1');
  rollout.complete();
  expect(rollout.sets).toHaveLength(2);
  const again = rollout.setOfImage('web:1');
  expect(again.metadata.name).toBe(first);
  expect(again.spec.replicas).toBe(4);
  expect(again.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '3',
    'deployment.kubernetes.io/revision-history': '1',
  });
  expect(revision(rollout.deployment)).toBe('3');
});

test('a rollout overtaken by the next gives way to it at once', () => {
  const rollout = new Rollout(4);
  rollout.complete();
  rollout.setImage('web:2');
  rollout.settle();
  rollout.setImage('web:3');
  rollout.settle();
  // The unready pods of web:2 go first, whatever must stay available.
  expect(rollout.images['web:2'] ?? 0).toBe(0);
  rollout.complete();
  expect(rollout.images).toEqual({ 'web:3': 4 });
  expect(rollout.sets.map(revision).sort()).toEqual(['1', '2', '3']);
});

test('scaling a complete Deployment sizes its one ReplicaSet', () => {
  const rollout = new Rollout(6);
  rollout.complete();
  rollout.edit({ replicas: 12 });
  rollout.complete();
  expect(rollout.pods).toHaveLength(12);
  const { name } = rollout.setOfImage('web:1').metadata;
  expect(rollout.scalingMessages.at(-1)).toBe(`Scaled up replica set ${name} from 6 to 12`);
  rollout.edit({ replicas: 0 });
  rollout.complete();
  expect(rollout.pods).toHaveLength(0);
  expect(rollout.deployment.status).toMatchObject({ replicas: 0, unavailableReplicas: 0 });
});

test('scaling in the middle of a rollout keeps the proportions', () => {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
  const rollout = new Rollout(10, { strategy });
  rollout.complete();
  rollout.setImage('web:broken');
  rollout.settle();
  expect(rollout.images).toEqual({ 'web:1': 8, 'web:broken': 5 });
  rollout.edit({ replicas: 30 });
  rollout.settle();
  // 33 pods in the proportion 8 to 5: the example of Kubernetes' own end-to-end test.
  expect(rollout.setOfImage('web:1').spec.replicas).toBe(20);
  expect(rollout.setOfImage('web:broken').spec.replicas).toBe(13);
});

test('Recreate deletes everything old before it makes anything new', () => {
  const rollout = new Rollout(3, { strategy: { type: 'Recreate' } });
  rollout.complete();
  rollout.setImage('web:2');
  rollout.settle();
  expect(rollout.pods).toHaveLength(0);
  expect(rollout.sets).toHaveLength(1);
  rollout.endDeleted();
  rollout.settle();
  expect(rollout.images).toEqual({ 'web:2': 3 });
});

test('a paused Deployment can be scaled, but a new template waits until it is resumed', () => {
  const rollout = new Rollout(2);
  rollout.complete();
  rollout.edit({ paused: true });
  rollout.setImage('web:2');
  rollout.edit({ replicas: 4 });
  rollout.complete();
  expect(rollout.images).toEqual({ 'web:1': 4 });
  expect(condition(rollout.deployment, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
  rollout.edit({ paused: false });
  rollout.complete();
  expect(rollout.images).toEqual({ 'web:2': 4 });
});

test('a rollout that does not move is called stuck after progressDeadlineSeconds', () => {
  const rollout = new Rollout(2, { progressDeadlineSeconds: 60 });
  rollout.settle();
  const waiting = deploymentController.reconcile(rollout.cluster, key, rollout.cluster.now);
  expect(waiting.requeueAfterMs).toBe(61_000);
  rollout.cluster.advance(61_000);
  runTwice(rollout.cluster, deploymentController, key);
  expect(condition(rollout.deployment, 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `ReplicaSet "${rollout.sets[0]?.metadata.name}" has timed out progressing.`,
  });
  rollout.complete();
  expect(condition(rollout.deployment, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
  });
});

test('ReplicaSets beyond revisionHistoryLimit are deleted, the oldest first', () => {
  const rollout = new Rollout(1, { revisionHistoryLimit: 2 });
  for (const image of ['web:1', 'web:2', 'web:3', 'web:4', 'web:5']) {
    rollout.setImage(image);
    rollout.complete();
  }
  expect(rollout.sets.map(revision).sort()).toEqual(['3', '4', '5']);
});

test('a name taken by a stranger raises collisionCount and gives another name', () => {
  const rollout = new Rollout(1);
  const taken = `web-${podTemplateHash(rollout.deployment.spec.template)}`;
  rollout.cluster.create('replicasets.apps', replicaSet(taken, 0, { selector: { matchLabels: { app: 'other' } } }));
  rollout.complete();
  expect(rollout.deployment.status?.collisionCount).toBe(1);
  expect(rollout.setOfImage('web:1')).toBeDefined();
  expect(rollout.sets).toHaveLength(2);
  expect(rollout.images).toEqual({ 'web:1': 1 });
});

test('annotations of the Deployment reach the current ReplicaSet, but not what kubectl apply keeps', () => {
  const rollout = new Rollout(1);
  rollout.complete();
  rollout.cluster.edit('deployments.apps', key, ({ metadata }) => ({
    metadata: {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/change-cause': 'a test',
        'kubectl.kubernetes.io/last-applied-configuration': '{}',
      },
    },
  }));
  rollout.settle();
  const { annotations } = rollout.setOfImage('web:1').metadata;
  expect(annotations).toMatchObject({ 'kubernetes.io/change-cause': 'a test' });
  expect(annotations).not.toHaveProperty('kubectl.kubernetes.io/last-applied-configuration');
});

test('a ReplicaSet that the registry refuses is shown on the Deployment', () => {
  const rollout = new Rollout(1);
  const [write] = deploymentController.reconcile(rollout.cluster, key, rollout.cluster.now).writes;
  if (write === undefined || deploymentController.refused === undefined) throw new Error('a creation was expected');
  const refusal = { write, reason: 'Invalid', message: 'spec.template: Invalid value' };
  rollout.cluster.apply(deploymentController.refused(rollout.cluster, key, rollout.cluster.now, refusal));
  expect(condition(rollout.deployment, 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ReplicaSetCreateError',
  });
});

test('deleting the Deployment takes its ReplicaSets and pods along', () => {
  const rollout = new Rollout(3);
  rollout.complete();
  rollout.setImage('web:2');
  rollout.settle();
  rollout.cluster.delete('deployments.apps', key);
  rollout.complete();
  expect(rollout.sets).toEqual([]);
  expect(rollout.cluster.all('pods')).toEqual([]);
});
