import { expect, test } from 'vitest';
import {
  freePorts,
  startTestServer,
  temporaryFolder,
} from '../../packages/control-plane/test/server/running-server.ts';
import { agentMetrics } from '../../packages/node-agent/src/metrics/agent-metrics.ts';
import { codeOf, tablesOf } from './markdown.ts';
import { readSource } from './source-tree.ts';

/** Made by prom-client for every process; the page names them as a group. */
const ofTheProcess = /^(?:process|nodejs)_/;
/** The last ones to appear: a server registers them when it begins to lead. */
const ofLeaders = 'berth_scheduler_binding_seconds';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

const tables = tablesOf(readSource('docs/metrics.md'));

function listed(process: 'server' | 'agent'): readonly Metric[] {
  return tables
    .filter(({ heading }) => heading.includes(process))
    .flatMap(({ rows }) => rows)
    .map(([name = '', type = '', labels = '']) => ({
      name: codeOf(name),
      type,
      labels: [...labels.matchAll(/`([^`]+)`/g)].map(([, label]) => label ?? ''),
    }))
    .sort(byName);
}

const byName = (a: Metric, b: Metric): number => (a.name < b.name ? -1 : 1);
const nameAndType = ({ name, type }: Metric): string => `${name} ${type}`;

/** What a scrape says: types of all metrics, labels of those that have a value by now. */
function scraped(exposition: string): readonly Metric[] {
  const metrics = new Map<string, { name: string; type: string; labels: Set<string> }>();
  for (const [, name = '', type = ''] of exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    if (!ofTheProcess.test(name)) metrics.set(name, { name, type, labels: new Set() });
  for (const [, sample = '', labels = ''] of exposition.matchAll(/^([a-z_]+)\{([^}]*)\}/gm)) {
    const metric = metrics.get(sample) ?? metrics.get(sample.replace(/_(?:bucket|sum|count)$/, ''));
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') metric?.labels.add(label);
  }
  return [...metrics.values()].map((metric) => ({ ...metric, labels: [...metric.labels] })).sort(byName);
}

async function leadersExposition(): Promise<string> {
  await using folder = await temporaryFolder();
  const ports = await freePorts(3);
  const flags = ['--metrics-listen', '127.0.0.1:0'];
  await using server = await startTestServer({ name: 's1', dataDir: folder.path, ports, flags });
  await server.ready();
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${server.metricsPort}/metrics`);
    const exposition = await answer.text();
    if (exposition.includes(ofLeaders)) return exposition;
  }
}

test('the page lists what a server that leads exports, and every label that has a value', async () => {
  const exported = scraped(await leadersExposition());
  const onPage = listed('server');
  expect(onPage.map(nameAndType)).toEqual(exported.map(nameAndType));
  const unknown = exported.flatMap(({ name, labels }) => {
    const known = onPage.find((metric) => metric.name === name)?.labels ?? [];
    return labels.filter((label) => !known.includes(label)).map((label) => `${name}{${label}}`);
  });
  expect(unknown).toEqual([]);
}, 20_000);

test('the page lists what an agent exports', () => {
  const zero = (): number => 0;
  const no = (): boolean => false;
  const { registry } = agentMetrics({
    pods: zero,
    containers: zero,
    connected: no,
    reportsWaiting: zero,
    engineAnswers: no,
  });
  const exported = registry.getMetricsAsArray().map((metric) => {
    const { name, type, labelNames = [] } = metric as unknown as Omit<Metric, 'labels'> & { labelNames?: string[] };
    return { name, type, labels: labelNames };
  });
  expect(listed('agent')).toEqual(exported.filter(({ name }) => !ofTheProcess.test(name)).sort(byName));
});
