import type { Pod } from '@berth/api';
import type { Benchmark, Measured } from '../benchmark.ts';
import { type Placed, violationsOf } from '../checker.ts';
import { type Elapsed, elapsed, spreadOf } from '../measure.ts';
import { benchNodes, benchPod, boundTo } from './objects.ts';
import { sessionWith } from './session-run.ts';
import { ratesText } from './throughput-row.ts';

const residentsPerNode = 4;
const victimsPerPreemptor = 3;
const groups = 100;
const runs = 5;

/** Half of the pods of each node are under a budget, which allows just as many disruptions as are needed if none is wasted. */
function residents(nodes: number): readonly Pod[] {
  return Array.from({ length: nodes * residentsPerNode }, (_, at) => {
    const node = at % nodes;
    const isGuarded = at < nodes * 2;
    const labels = { app: 'low', ...(isGuarded ? { group: `group-${node % groups}` } : {}) };
    const pod = benchPod(`low-${at}`, { labels, requests: { cpu: '900m', memory: '500Mi' }, spec: { priority: 0 } });
    return boundTo(pod, `node-${node}`);
  });
}

interface Run {
  readonly time: Elapsed;
  readonly placed: readonly Placed[];
  readonly victims: ReadonlyMap<string, readonly string[]>;
}

/** Preemptors are promised room, their victims go, and they are placed; all of it is timed. */
function preempt(nodes: number): Run & { readonly present: readonly Pod[] } {
  const present = residents(nodes);
  const session = sessionWith({ nodes: benchNodes(nodes), present });
  for (let group = 0; group < groups; group += 1)
    session.upsertBudget({
      metadata: { namespace: 'bench', name: `group-${group}` },
      spec: { selector: { matchLabels: { group: `group-${group}` } } },
      status: { disruptionsAllowed: Math.ceil(nodes / groups) },
    });
  const preemptors = Array.from({ length: nodes }, (_, at) =>
    benchPod(`high-${at}`, { requests: { cpu: '3', memory: '500Mi' }, spec: { priority: 10 } }),
  );
  for (const pod of preemptors) session.upsertPod(pod);
  const byUid = new Map(preemptors.map((pod) => [pod.metadata.uid ?? '', pod]));
  const victims = new Map<string, readonly string[]>();
  const placed: Placed[] = [];
  const leaving: string[] = [];
  const sink = {
    placed: (uid: string, node: string): void => void placed.push({ pod: byUid.get(uid) as Pod, node }),
    preempting(uid: string, _node: string, chosen: readonly string[]): void {
      victims.set(uid, chosen);
      leaving.push(...chosen);
    },
    unschedulable: () => undefined,
  };
  const time = elapsed(() => {
    while (session.hasWork) {
      session.schedule(500, sink);
      for (const uid of leaving.splice(0)) session.removePod(uid);
    }
  });
  return { time, placed, victims, present };
}

function violationsIn(nodes: number, { placed, victims, present }: ReturnType<typeof preempt>): readonly string[] {
  const gone = new Set([...victims.values()].flat());
  const wrong = [...victims].filter(([, chosen]) => chosen.length !== victimsPerPreemptor);
  const disruptions = Map.groupBy(
    present.filter(({ metadata }) => gone.has(metadata.uid ?? '') && metadata.labels?.['group'] !== undefined),
    ({ metadata }) => metadata.labels?.['group'],
  );
  const broken = [...disruptions].filter(([, pods]) => pods.length > Math.ceil(nodes / groups));
  const left = present.filter(({ metadata }) => !gone.has(metadata.uid ?? ''));
  const all = [...left.map((pod): Placed => ({ pod, node: pod.spec.nodeName ?? '' })), ...placed];
  return [
    ...(placed.length === nodes ? [] : [`${placed.length} of ${nodes} preemptors placed`]),
    ...wrong.slice(0, 3).map(([uid, chosen]) => `${uid} took ${chosen.length} victims, ${victimsPerPreemptor} do`),
    ...broken.slice(0, 3).map(([group, pods]) => `the budget of ${group} was broken: ${pods.length} pods`),
    ...violationsOf(benchNodes(nodes), all),
  ];
}

async function measure(nodes: number): Promise<Measured> {
  let last = preempt(nodes);
  const rates: number[] = [];
  const wallRates: number[] = [];
  for (let at = 0; at < runs; at += 1) {
    last = preempt(nodes);
    rates.push((nodes / last.time.threadMs) * 1000);
    wallRates.push((nodes / last.time.wallMs) * 1000);
  }
  const { median, least, most } = spreadOf(rates);
  const note = `${nodes} preemptors, ${ratesText(least, most, spreadOf(wallRates).median)}`;
  return { value: median, note, violations: violationsIn(nodes, last) };
}

export const preemptionWorkloads: readonly Benchmark[] = [
  {
    id: 'W8',
    what: 'preemption: 3 victims each, budgets on half of the pods',
    unit: 'pods/s',
    better: 'higher',
    gate: 5_000,
    goal: 50_000,
    run: () => measure(5_000),
  },
  {
    id: 'W8/10k',
    what: 'preemption, 10k nodes',
    unit: 'pods/s',
    better: 'higher',
    goal: 40_000,
    run: () => measure(10_000),
  },
];
