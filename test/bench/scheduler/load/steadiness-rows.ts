import { createHash } from 'node:crypto';
import { workerEngine } from '../../../../packages/control-plane/src/scheduling/worker-engine.ts';
import type { Benchmark, Measured } from '../benchmark.ts';
import { violationsOf } from '../checker.ts';
import { quantile } from '../measure.ts';
import { benchNodes, benchPods } from './objects.ts';
import { decideAll } from './session-run.ts';
import { deployed } from './topology-workloads.ts';

/** Hash of where 10,000 pods of 1,000 deployments go on 500 nodes: the same on every platform. */
const expectedDigest = 'f093710cd75796d4';
const podsPerStep = 500;

function sameEverywhere(): Measured {
  const digests = Array.from({ length: 2 }, () => {
    const nodes = benchNodes(500);
    const run = decideAll({ nodes, pending: benchPods(10_000, 'deployed', deployed) });
    const hash = createHash('sha256');
    for (const { pod, node } of run.placed) hash.update(`${pod.metadata.uid} ${node}\n`);
    return { digest: hash.digest('hex').slice(0, 16), violations: violationsOf(nodes, run.placed) };
  });
  const agreeing = digests.filter(({ digest }) => digest === expectedDigest).length;
  return {
    value: agreeing / digests.length,
    note: `digest ${digests[0]?.digest}`,
    violations: digests.flatMap(({ violations }) => violations),
  };
}

/**
 * How long the edge would be kept waiting while the scheduler's thread is fed with 100,000 pods and answers: the most processor time
 * that one hand-over takes on the caller's thread, there and back. No turn of its event loop can be longer than that.
 */
async function longestBlock(): Promise<Measured> {
  await using engine = workerEngine([{ schedulerName: 'default-scheduler', strategy: 'pack' }]);
  const nodes = benchNodes(5_000);
  const pending = benchPods(100_000, 'plain');
  for (let from = 0; from < nodes.length; from += podsPerStep) {
    const changes = nodes.slice(from, from + podsPerStep).map((node) => ({ kind: 'node' as const, node }));
    await engine.step({ changes, decisions: 0, reviews: 0 });
  }
  const times: number[] = [];
  let placed = 0;
  for (let from = 0; from < pending.length; from += podsPerStep) {
    const changes = pending.slice(from, from + podsPerStep).map((pod) => ({ kind: 'pod' as const, pod }));
    const before = process.threadCpuUsage();
    const answer = await engine.step({ changes, decisions: podsPerStep, reviews: 0 });
    const { user, system } = process.threadCpuUsage(before);
    times.push((user + system) / 1000);
    placed += answer.placed.length;
  }
  const sorted = times.sort((left, right) => left - right);
  const violations = placed === pending.length ? [] : [`${placed} of ${pending.length} pods placed`];
  const note = `median ${quantile(sorted, 0.5).toFixed(1)} ms, ${times.length} hand-overs of ${podsPerStep} pods`;
  return { value: quantile(sorted, 1), note, violations };
}

export const steadinessRows: readonly Benchmark[] = [
  {
    id: 'D1',
    what: 'same input, same output, on every platform',
    unit: 'share',
    better: 'higher',
    gate: 1,
    goal: 1,
    run: async () => sameEverywhere(),
  },
  {
    id: 'D2',
    what: 'event loop held up while 100k pods are placed, at most',
    unit: 'ms',
    better: 'lower',
    gate: 50,
    goal: 5,
    run: longestBlock,
  },
];
