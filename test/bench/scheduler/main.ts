import { availableParallelism, cpus, loadavg } from 'node:os';
import { type Benchmark, isPassed, type Result } from './benchmark.ts';
import { endToEndRows } from './load/end-to-end-rows.ts';
import { groupWorkloads } from './load/group-workloads.ts';
import { growthRows } from './load/growth-rows.ts';
import { latencyRows } from './load/latency-rows.ts';
import { plainWorkloads } from './load/plain-workloads.ts';
import { preemptionWorkloads } from './load/preemption-workloads.ts';
import { steadinessRows } from './load/steadiness-rows.ts';
import { topologyWorkloads } from './load/topology-workloads.ts';
import { calibrationUs } from './measure.ts';
import { qualityRows } from './openb/quality-rows.ts';
import { recordResults } from './record.ts';
import { table } from './report.ts';

const all: readonly Benchmark[] = [
  ...qualityRows,
  ...plainWorkloads,
  ...topologyWorkloads,
  ...preemptionWorkloads,
  ...groupWorkloads,
  ...latencyRows,
  ...growthRows,
  ...steadinessRows,
  ...endToEndRows,
];

/**
 * Runs the benchmarks whose ids begin with one of the arguments, all without any, and keeps the results in the page; 1 when a gate
 * is missed or a placement is wrong.
 */
async function main(args: readonly string[]): Promise<number> {
  const wanted = args.filter((arg) => arg !== '--only');
  const chosen = all.filter(({ id }) => wanted.length === 0 || wanted.some((prefix) => id.startsWith(prefix)));
  const calibration = calibrationUs();
  const results: Result[] = [];
  for (const benchmark of chosen) {
    process.stderr.write(`${benchmark.id} ${benchmark.what}\n`);
    const loadBefore = loadText();
    const result = { benchmark, ...(await benchmark.run()) };
    results.push(result);
    const at = new Date().toISOString().slice(0, 16).replace('T', ' ');
    recordResults(
      [result],
      all.map(({ id }) => id),
      { at, load: `${loadBefore} to ${loadText()}, scan ${calibration.toFixed(1)} us` },
    );
  }
  const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`;
  const missed = results.filter((result) => !isPassed(result));
  process.stdout.write(
    `${table(results)}\n\ncalibration: full scan of 10,000 nodes in ${calibration.toFixed(1)} us (${machine}, load ${loadText()})\n`,
  );
  process.stdout.write(
    missed.length === 0 ? 'every gate is met\n' : `missed: ${missed.map(({ benchmark }) => benchmark.id).join(', ')}\n`,
  );
  return missed.length === 0 ? 0 : 1;
}

/** Processes that wanted a processor in the last minute: figures of a crowded machine are no better than that. */
function loadText(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

process.exitCode = await main(process.argv.slice(2));
