import { performance } from 'node:perf_hooks';
import type { Pod } from '@berth/api';
import type { Session } from '@berth/scheduler';
import type { Benchmark, Measured } from '../benchmark.ts';
import { type Placed, violationsOf } from '../checker.ts';
import { type Elapsed, elapsed, quantile, spreadOf } from '../measure.ts';
import { type BenchPod, benchNode, benchNodes, benchPod, benchPods, boundTo, hostKey, zoneKey } from './objects.ts';
import { decideAll, sessionWith } from './session-run.ts';

const nodeCount = 10_000;
/** 40 pods fill a node. */
const perNode = 32;
const warmUps = 5_000;
const samples = 20_000;
/** Of changes that make room; as many again come before and are not counted. */
const changes = 1_000;
const quiet = { placed: () => undefined, preempting: () => undefined, unschedulable: () => undefined };

/** A cluster filled to 80 %, in which pods are replaced one by one. */
class Turnover {
  readonly session: Session;
  readonly #placed = new Map<string, Placed>();
  readonly #sketch: (at: number) => BenchPod;
  readonly #uids: string[] = [];
  #next = 0;
  #random = 12_345;

  constructor(sketch: (at: number) => BenchPod) {
    this.#sketch = sketch;
    const present = benchPods(nodeCount * perNode, 'present', sketch).map((pod, at): Placed => {
      const node = `node-${at % nodeCount}`;
      return { pod: boundTo(pod, node), node };
    });
    this.session = sessionWith({ nodes: benchNodes(nodeCount), present: present.map(({ pod }) => pod) });
    for (const each of present) this.#remember(each);
  }

  /** Microseconds for the decision on one pod after another one has gone. */
  stepUs(): number {
    this.#random = (Math.imul(this.#random, 1_103_515_245) + 12_345) >>> 0;
    const place = this.#random % this.#uids.length;
    const gone = this.#uids[place] as string;
    this.#uids[place] = this.#uids.at(-1) as string;
    this.#uids.pop();
    this.#placed.delete(gone);
    this.session.removePod(gone);
    this.session.schedule(1, quiet);
    const at = this.#next++;
    const pod = benchPod(`new-${at}`, this.#sketch(at));
    this.session.upsertPod(pod);
    let home = '';
    const sink = {
      ...quiet,
      placed(_uid: string, node: string): void {
        home = node;
      },
    };
    const start = performance.now();
    this.session.schedule(1, sink);
    const us = (performance.now() - start) * 1000;
    this.#remember({ pod, node: home });
    return us;
  }

  violations(): readonly string[] {
    return violationsOf(benchNodes(nodeCount), [...this.#placed.values()]);
  }

  #remember(placed: Placed): void {
    const uid = placed.pod.metadata.uid ?? '';
    this.#placed.set(uid, placed);
    this.#uids.push(uid);
  }
}

interface Latencies {
  readonly sorted: readonly number[];
  readonly violations: readonly string[];
}

/** Measured once for all rows that show a part of it. */
function measuredOnce(sketch: (at: number) => BenchPod): () => Latencies {
  let known: Latencies | undefined;
  return () => {
    if (known !== undefined) return known;
    const turnover = new Turnover(sketch);
    for (let at = 0; at < warmUps; at += 1) turnover.stepUs();
    const sorted = Array.from({ length: samples }, () => turnover.stepUs()).sort((left, right) => left - right);
    known = { sorted, violations: turnover.violations() };
    return known;
  };
}

const groups = 200;

/** Pods of 200 groups, each near its own kind in a zone and spread over the hosts there. */
function choosy(at: number): BenchPod {
  // Shifted from one round over the nodes to the next, so that no node has many of one group.
  const labels = { group: `group-${(at + Math.floor(at / nodeCount) * 7) % groups}` };
  const labelSelector = { matchLabels: labels };
  const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: zoneKey, labelSelector }] };
  const constraint = { maxSkew: 5, topologyKey: hostKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector };
  return { labels, spec: { affinity: { podAffinity }, topologySpreadConstraints: [constraint] } };
}

const plainLatencies = measuredOnce(() => ({}));
const choosyLatencies = measuredOnce(choosy);

function latency(row: Pick<Benchmark, 'id' | 'what' | 'gate' | 'goal'>, of: () => Latencies, share: number): Benchmark {
  return {
    ...row,
    unit: 'us',
    better: 'lower',
    run: async (): Promise<Measured> => {
      const { sorted, violations } = of();
      return { value: quantile(sorted, share), note: `${nodeCount} nodes 80 % full, ${samples} pods`, violations };
    },
  };
}

/** A full cluster, one pod waiting: what makes room, and how long until it is placed. */
function seenAfter(change: (session: Session, at: number) => void): Measured {
  const pending = benchPods(nodeCount * 40, 'present');
  const { session } = decideAll({ nodes: benchNodes(nodeCount), pending });
  const times: number[] = [];
  const violations: string[] = [];
  for (let at = 0; at < 2 * changes; at += 1) {
    session.upsertPod(benchPod(`waiting-${at}`, {}));
    session.schedule(10, quiet);
    let placed = 0;
    const sink = {
      ...quiet,
      placed(): void {
        placed += 1;
      },
    };
    const start = performance.now();
    change(session, at);
    session.schedule(10, sink);
    times.push((performance.now() - start) * 1000);
    if (placed !== 1) violations.push(`after change ${at} ${placed} pods were placed, 1 was wanted`);
  }
  const sorted = times.slice(changes).sort((left, right) => left - right);
  return {
    value: quantile(sorted, 0.5),
    note: `${changes} changes, p99 ${quantile(sorted, 0.99).toFixed(0)} us`,
    violations,
  };
}

/** A node with room for one pod. */
function smallNode(at: number): ReturnType<typeof benchNode> {
  return benchNode(`late-${at}`, at, { cpu: '100m', memory: '500Mi' });
}

function firstDecision(): Measured {
  const nodes = benchNodes(nodeCount);
  const present = Array.from(
    { length: 100_000 },
    (_, at): Pod => boundTo(benchPod(`pod-${at}`, {}), `node-${at % nodeCount}`),
  );
  return timed('100,000 pods', () => {
    const session = sessionWith({ nodes, present });
    session.upsertPod(benchPod('first', {}));
    session.schedule(1, quiet);
  });
}

/**
 * Processor time of several runs after one that warms up; the note has the wall clock. Work that is short for the steps in which
 * processor time is counted is done several times in each run.
 */
function timed(note: string, work: () => void, times = 1): Measured {
  const run = (): void => {
    for (let at = 0; at < times; at += 1) work();
  };
  run();
  const runs = Array.from({ length: 5 }, (): Elapsed => elapsed(run));
  const thread = spreadOf(runs.map(({ threadMs }) => threadMs / times));
  const wall = spreadOf(runs.map(({ wallMs }) => wallMs / times));
  const range = `${thread.least.toFixed(1)} to ${thread.most.toFixed(1)} ms, wall clock ${wall.median.toFixed(1)} ms`;
  return { value: thread.median, note: `${note}; ${range}`, violations: [] };
}

function whyNot(): Measured {
  const { session } = decideAll({ nodes: benchNodes(nodeCount), pending: benchPods(100_000, 'present') });
  session.upsertPod(
    benchPod('wide', { requests: { cpu: '5', memory: '500Mi' }, spec: { nodeSelector: { pool: 'pool-1' } } }),
  );
  session.schedule(1, quiet);
  let nodes = 0;
  const ask = (): void => {
    nodes = session.explain('wide')?.nodes.filter(({ refusals }) => refusals.length > 0).length ?? 0;
  };
  const measured = timed('suggestions verified', ask, 25);
  const violations = nodes === nodeCount ? [] : [`${nodes} nodes have a reason, ${nodeCount} are wanted`];
  return { ...measured, violations };
}

export const latencyRows: readonly Benchmark[] = [
  latency({ id: 'L1/p50', what: 'one pod, warm', gate: 100, goal: 5 }, plainLatencies, 0.5),
  latency({ id: 'L1/p99', what: 'one pod, warm', gate: 1_000, goal: 50 }, plainLatencies, 0.99),
  latency({ id: 'L1/p99.9', what: 'one pod, warm', gate: 5_000, goal: 500 }, plainLatencies, 0.999),
  latency({ id: 'L2/p50', what: 'one pod with affinity and spread', gate: 500, goal: 20 }, choosyLatencies, 0.5),
  latency({ id: 'L2/p99', what: 'one pod with affinity and spread', gate: 2_000, goal: 100 }, choosyLatencies, 0.99),
  {
    id: 'L3/pod',
    what: 'pod deleted until its room is used',
    unit: 'us',
    better: 'lower',
    gate: 1_000,
    goal: 20,
    run: async () => seenAfter((session, at) => session.removePod(`present-${at * 97}`)),
  },
  {
    id: 'L3/node',
    what: 'node added until its room is used',
    unit: 'us',
    better: 'lower',
    gate: 1_000,
    goal: 20,
    run: async () => seenAfter((session, at) => session.upsertNode(smallNode(at))),
  },
  {
    id: 'L4',
    what: '10k nodes and 100k pods until the first decision',
    unit: 'ms',
    better: 'lower',
    gate: 2_000,
    goal: 300,
    run: async () => firstDecision(),
  },
  {
    id: 'L5',
    what: 'why not: every node and rule, 10k nodes',
    unit: 'ms',
    better: 'lower',
    gate: 50,
    goal: 2,
    run: async () => whyNot(),
  },
];
