import type { Deployment, ReplicaSet, Stored } from '@berth/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rollingSizes } from '../src/deployment/rolling-update.ts';
import { rolloutBounds } from '../src/deployment/rollout-bounds.ts';
import { replicaSet } from './fixtures.ts';
import { Rollout } from './rollout.ts';

test.each([
  { replicas: 10, rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, maxSurge: 3, maxUnavailable: 2 },
  { replicas: 1, rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' }, maxSurge: 1, maxUnavailable: 0 },
  { replicas: 4, rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' }, maxSurge: 0, maxUnavailable: 1 },
  { replicas: 2, rollingUpdate: { maxSurge: 0, maxUnavailable: 5 }, maxSurge: 0, maxUnavailable: 2 },
  { replicas: 0, rollingUpdate: { maxSurge: 0, maxUnavailable: 0 }, maxSurge: 0, maxUnavailable: 0 },
])('$replicas replicas with $rollingUpdate: surge $maxSurge, unavailable $maxUnavailable', (row) => {
  const { replicas, rollingUpdate, ...bounds } = row;
  const selector = {};
  const strategy = { type: 'RollingUpdate', rollingUpdate };
  expect(rolloutBounds({ spec: { replicas, selector, template: {}, strategy } })).toEqual(bounds);
});

test('an old ReplicaSet that still has pods to delete leaves no room for new ones', () => {
  const { cluster } = new Rollout(4, {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } },
  });
  const set = (name: string, size: number, status: object): Stored<ReplicaSet> => {
    cluster.create('replicasets.apps', replicaSet(name, size));
    cluster.editStatus('replicasets.apps', `default/${name}`, { observedGeneration: 1, ...status });
    return cluster.get<Stored<ReplicaSet>>('replicasets.apps', `default/${name}`) as Stored<ReplicaSet>;
  };
  const deployment = cluster.get<Stored<Deployment>>('deployments.apps', 'default/web') as Stored<Deployment>;
  const current = set('current', 1, { replicas: 1 });
  expect(rollingSizes({ deployment, current, old: [set('busy', 2, { replicas: 4 })] }).current).toBe(1);
  expect(rollingSizes({ deployment, current, old: [set('done', 2, { replicas: 2 })] }).current).toBe(2);
});

interface Plan {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly minReadySeconds: number;
  /** What happens next: a loop gets its turn, a pod becomes ready, a deleted pod ends, or time passes. */
  readonly choices: readonly number[];
  /** At which choice the next image is set, so that rollouts overtake each other. */
  readonly imagesAt: readonly number[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  replicas: fc.integer({ min: 1, max: 8 }),
  maxSurge: fc.integer({ min: 0, max: 4 }),
  maxUnavailable: fc.integer({ min: 0, max: 4 }),
  minReadySeconds: fc.constantFrom(0, 0, 3),
  choices: fc.array(fc.nat({ max: 999 }), { minLength: 50, maxLength: 400 }),
  imagesAt: fc.uniqueArray(fc.nat({ max: 120 }), { minLength: 1, maxLength: 3 }),
});

function prepare({ replicas, maxSurge, maxUnavailable, minReadySeconds }: Plan): Rollout {
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
  const rollout = new Rollout(replicas, { strategy, minReadySeconds });
  rollout.complete();
  rollout.cluster.advance(minReadySeconds * 1000);
  rollout.wakeReplicaSets();
  rollout.settle();
  return rollout;
}

function move(rollout: Rollout, choice: number): void {
  const kind = choice % 10;
  const detail = Math.floor(choice / 10);
  if (kind < 6) rollout.loops.step(detail);
  else if (kind < 8) rollout.makeOneReady(detail);
  else if (kind < 9) rollout.endDeleted();
  else {
    rollout.cluster.advance(1_000);
    rollout.wakeReplicaSets();
  }
}

test('whatever the order of turns and of readiness, a rollout never goes beyond maxSurge and maxUnavailable', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const rollout = prepare(plan);
      const { maxSurge, maxUnavailable } = rolloutBounds(
        rollout.cluster.get<Stored<Deployment>>('deployments.apps', 'default/web') as Stored<Deployment>,
      );
      for (const [at, choice] of plan.choices.entries()) {
        const image = plan.imagesAt.indexOf(at);
        if (image >= 0) rollout.setImage(`web:${image + 2}`);
        move(rollout, choice);
        expect(rollout.pods.length, 'pods').toBeLessThanOrEqual(plan.replicas + maxSurge);
        expect(rollout.availablePods(plan.minReadySeconds), 'available').toBeGreaterThanOrEqual(
          plan.replicas - maxUnavailable,
        );
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('whatever the order, every rollout ends with the wanted number of pods of the last image', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const rollout = prepare({ ...plan, minReadySeconds: 0 });
      rollout.setImage('web:2');
      for (const [at, choice] of plan.choices.entries()) {
        if (at === plan.imagesAt[0]) rollout.setImage('web:3');
        if (at === plan.imagesAt[1]) rollout.edit({ replicas: plan.replicas + 3 });
        move(rollout, choice);
      }
      rollout.setImage('web:4');
      rollout.edit({ replicas: plan.replicas });
      rollout.complete();
      expect(rollout.images).toEqual({ 'web:4': plan.replicas });
      expect(rollout.deployment.status).toMatchObject({ replicas: plan.replicas, availableReplicas: plan.replicas });
    }),
    { numRuns: 40 },
  );
}, 60_000);
