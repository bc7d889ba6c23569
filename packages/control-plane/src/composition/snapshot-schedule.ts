import { scheduledSnapshots } from '@berth/store';
import { Gauge } from 'prom-client';
import type { ConsensusGroup } from '../cluster/member-routes.ts';
import { CountedSum } from '../metrics/counted-metric.ts';
import type { ServerGround } from './server-ground.ts';

/** Saves a snapshot of the embedded store every so often, as the options say; nothing where there is nothing to save (etcd). */
export function startSnapshotSchedule(ground: ServerGround, group: ConsensusGroup | undefined): AsyncDisposable {
  const { log, metrics, options, world } = ground;
  const { snapshots: wanted } = options;
  if (group === undefined || wanted === undefined) return { [Symbol.asyncDispose]: async () => undefined };
  const lastSuccess = new Gauge({
    name: 'berth_snapshot_last_success_timestamp_seconds',
    help: 'When the last scheduled snapshot was saved, since the start of this server; 0 before.',
    registers: [metrics],
  });
  const schedule = scheduledSnapshots({
    world,
    store: group,
    ...wanted,
    saved(path, { bytes, revision }) {
      lastSuccess.set(world.clock.wallMs() / 1_000);
      log.info({ path, revision, bytes }, 'snapshot saved');
    },
    failed: (error) => log.error({ err: error, folder: wanted.folder }, 'a scheduled snapshot could not be saved'),
  });
  new CountedSum(metrics, 'berth_snapshot_failures_total', 'Scheduled snapshots that could not be saved.', () => [
    { labels: {}, value: schedule.failures },
  ]);
  return schedule;
}
