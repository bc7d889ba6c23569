import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LoopCluster, node, slowRegistry, webDeployment } from './loop-cluster.ts';

/** Long enough for every slow write that follows from one change. */
const restMs = 1_000;

interface Story {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly seed: number;
  /** Which of the waiting pods becomes ready next, or, when it is odd, that the deleted pods end. */
  readonly moves: readonly number[];
  /** Before which move a further image is set. */
  readonly overtakenAt: number;
}

const stories: fc.Arbitrary<Story> = fc.record({
  replicas: fc.integer({ min: 1, max: 6 }),
  maxSurge: fc.integer({ min: 0, max: 3 }),
  maxUnavailable: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
  moves: fc.array(fc.nat({ max: 40 }), { minLength: 5, maxLength: 25 }),
  overtakenAt: fc.nat({ max: 20 }),
});

async function settled({ replicas, maxSurge, maxUnavailable, seed }: Story): Promise<LoopCluster> {
  const cluster = new LoopCluster({ seed, around: slowRegistry });
  cluster.start();
  await cluster.settle();
  await cluster.create('nodes', undefined, node('n1'));
  cluster.sessions.set('n1', true);
  const strategy = {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge, maxUnavailable },
  };
  await cluster.create('deployments.apps', 'default', webDeployment(replicas, { strategy }));
  await cluster.completeRollout(restMs);
  return cluster;
}

test('with all loops running over a slow store, no change ever shows more or fewer pods than maxSurge and maxUnavailable allow', async () => {
  const property = fc.asyncProperty(
    stories.filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0),
    async (story) => {
      await using cluster = await settled(story);
      const broken: string[] = [];
      using _watch = cluster.cache.onChange(({ resource, revision }) => {
        if (resource !== 'pods') return;
        const pods = cluster.pods.length;
        const ready = cluster.readyPods.length;
        if (pods > story.replicas + story.maxSurge) broken.push(`${pods} pods at revision ${revision}`);
        if (ready < story.replicas - story.maxUnavailable) broken.push(`${ready} ready at revision ${revision}`);
      });
      await cluster.setImage('web:2');
      for (const [at, move] of story.moves.entries()) {
        if (at === story.overtakenAt) await cluster.setImage('web:3');
        await cluster.settle(move * 10);
        const ready = new Set(cluster.readyPods);
        const waiting = cluster.pods.filter((pod) => !ready.has(pod));
        const chosen = waiting[move % Math.max(1, waiting.length)];
        if (move % 2 === 1) await cluster.endDeleted();
        else if (chosen !== undefined) await cluster.makeReady(chosen);
      }
      await cluster.completeRollout(restMs);
      const last = story.overtakenAt < story.moves.length ? 'web:3' : 'web:2';
      expect(cluster.readyPods.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(story.replicas).fill(last));
      expect(broken).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 25 });
}, 60_000);
