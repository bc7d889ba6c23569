import { parentPort } from 'node:worker_threads';
import { type SearchOptions, searchSeeds } from './seed-search.ts';

// A thread that searches the seeds it is given.
parentPort?.on('message', (options: SearchOptions) => {
  const { probes, ...report } = searchSeeds(options);
  parentPort?.postMessage({ ...report, probes: probes.all });
});
