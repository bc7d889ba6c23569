import { resolve } from 'node:path';
import { formatTime } from '@berth/api';
import type { World } from '@berth/world';
import { announceServer, type ServerRecord } from './cluster/server-records.ts';
import { openConfiguredStore } from './composition/configured-store.ts';
import { startLeaderLoops } from './composition/leader-loops.ts';
import { openApi } from './composition/server-api.ts';
import { openGround, type ServerEnvironment, type ServerGround } from './composition/server-ground.ts';
import { openNodes } from './composition/server-nodes.ts';
import type { ServerReadiness } from './composition/server-readiness.ts';
import { openState } from './composition/server-state.ts';
import { startSnapshotSchedule } from './composition/snapshot-schedule.ts';
import { serverVersion } from './http/server-version.ts';
import { openMetricsListener } from './metrics/metrics-listener.ts';
import { type AdminKubeconfig, keepAdminKubeconfig } from './security/admin-kubeconfig.ts';
import type { ServerOptions } from './server-options.ts';

export interface Server extends AsyncDisposable {
  readonly name: string;
  /** `https://host:port` as others reach it. */
  readonly url: string;
  /** In the data directory, with an administrator's certificate. */
  readonly kubeconfigPath: string;
  /** Port of the plain-text metrics listener, if there is one. */
  readonly metricsPort: number | undefined;
  /** Resolves once there is a leader and this server has read all objects; rejects when the server is closed before. */
  ready(): Promise<void>;
}

/**
 * The table of contents of a server: what starts, in which order. It stops in the reverse order: first it gives the leadership
 * away, then its loops end, then it sends its agents to other servers, and last it closes the store.
 */
export async function startServer(options: ServerOptions, environment: ServerEnvironment = {}): Promise<Server> {
  await using starting = new AsyncDisposableStack();
  const ground = await openGround(options, environment, starting);
  const state = await openState(ground, environment.openStore ?? openConfiguredStore, starting);
  const metrics = await openMetrics(ground, state.readiness, starting);
  const nodes = await openNodes(ground, state, starting);
  const api = await openApi(ground, state, nodes, starting);
  await api.listen(options.listen.host, options.listen.port);
  starting.use(announceServer({ ...ground, store: state.store, record: ownRecord(ground) }));
  starting.use(startSnapshotSchedule(ground, state.group));
  starting.use(startLeaderLoops(ground, state, nodes));
  starting.defer(() => state.abdicate());
  const url = `https://${state.self.apiAddress}`;
  const kubeconfig = await openKubeconfig(ground, url);
  starting.use(kubeconfig);

  const closing = new AbortController();
  const running = starting.move();
  return {
    name: options.name,
    url,
    kubeconfigPath: kubeconfig.path,
    metricsPort: metrics,
    ready: () => untilReady(ground.world, state.readiness, closing.signal),
    async [Symbol.asyncDispose]() {
      closing.abort(new Error(`server ${options.name} is closed`));
      await running.disposeAsync();
    },
  };
}

async function openMetrics(
  { metrics, options }: ServerGround,
  readiness: ServerReadiness,
  starting: AsyncDisposableStack,
): Promise<number | undefined> {
  if (options.metricsListen === undefined) return undefined;
  return starting.use(await openMetricsListener({ ...options.metricsListen, metrics, readiness })).port;
}

async function openKubeconfig({ world, options, home, log }: ServerGround, server: string): Promise<AdminKubeconfig> {
  const wanted = { world, dataDir: options.dataDir, authority: home.authority, server };
  return keepAdminKubeconfig(wanted, (error) => log.error({ err: error }, 'the admin kubeconfig could not be renewed'));
}

function ownRecord({ options, world }: ServerGround): ServerRecord {
  return {
    name: options.name,
    region: options.region ?? '',
    zone: options.zone ?? '',
    version: serverVersion['gitVersion'] ?? '',
    dataDir: resolve(options.dataDir),
    startedAt: formatTime(world.clock.wallMs()),
  };
}

const readinessLookMs = 20;

async function untilReady(world: World, readiness: ServerReadiness, signal: AbortSignal): Promise<void> {
  while (!readiness.ready().every(({ ok }) => ok)) await world.timers.sleep(readinessLookMs, signal);
}
