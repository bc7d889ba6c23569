import { type ScheduledSnapshots, scheduledSnapshots } from '@berth/store';
import { Gauge } from 'prom-client';
import type { ConsensusGroup } from '../cluster/member-routes.ts';
import { CountedSum } from '../metrics/counted-metric.ts';
import type { ServerGround } from './server-ground.ts';

const lookMs = 1_000;

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
  const begin = (): ScheduledSnapshots =>
    scheduledSnapshots({
      world,
      store: group,
      ...wanted,
      saved(path, { bytes, revision }) {
        lastSuccess.set(world.clock.wallMs() / 1_000);
        log.info({ path, revision, bytes }, 'snapshot saved');
      },
      failed: (error) => log.error({ err: error, folder: wanted.folder }, 'a scheduled snapshot could not be saved'),
    });
  const closing = new AbortController();
  let schedule: ScheduledSnapshots | undefined;
  const begun = (async () => {
    // A cluster that is just being made has nothing to save, and better things to do.
    const hasNothing = (): boolean => group.status().leadership.kind === 'leaderless' || group.status().revision === 0;
    while (!closing.signal.aborted && hasNothing())
      await world.timers.sleep(lookMs, closing.signal).catch(() => undefined);
    if (!closing.signal.aborted) schedule = begin();
  })();
  new CountedSum(metrics, 'berth_snapshot_failures_total', 'Scheduled snapshots that could not be saved.', () => [
    { labels: {}, value: schedule?.failures ?? 0 },
  ]);
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await begun;
      await schedule?.[Symbol.asyncDispose]();
    },
  };
}
