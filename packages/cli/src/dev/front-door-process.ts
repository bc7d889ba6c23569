import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { World } from '@berth/world';
import type { HostPlan } from './cluster-plan.ts';
import type { ClusterState, DevFolder } from './cluster-state.ts';
import { launch } from './launched-process.ts';
import { berthProgram } from './local-fleet.ts';
import { apiPort } from './process-arguments.ts';
import { waitFor } from './waiting.ts';

/** Where kubectl looks for an API server when nobody tells it otherwise, and where we like to be found. */
export const usualPort = 6443;
const openTimeoutMs = 30_000;

export interface FrontDoorLaunch {
  readonly folder: DevFolder;
  readonly world: World;
  /** PEM of the cluster's CA. */
  readonly caFile: string;
  /** Of loopback; undefined: the usual one, or any free one when that is taken. 0: any free one. */
  readonly port: number | undefined;
  readonly servers: readonly HostPlan[];
}

/** Starts the front door as a process of its own, and waits until it is open. */
export async function launchFrontDoor(options: FrontDoorLaunch): Promise<NonNullable<ClusterState['frontDoor']>> {
  const { caFile, folder, servers, world } = options;
  const port = await choosePort(options.port);
  const portFile = join(folder.path, 'front-door.port');
  rmSync(portFile, { force: true });
  const logFile = folder.logOf('front-door');
  const launched = launch({
    program: berthProgram,
    args: [
      ...['dev', 'front-door', '--port', String(port), '--ca', caFile, '--port-file', portFile],
      ...servers.flatMap((server) => ['--server', `${server.address}:${apiPort}`]),
    ],
    logFile,
  });
  const awaited = { what: 'the front door opens', timeoutMs: openTimeoutMs, processes: [{ launched, logFile }] };
  const opened = await waitFor(world, awaited, async () => Number(readFileSync(portFile, 'utf8')) || undefined);
  return { port: opened, process: launched };
}

/** Throws when the port that somebody asked for is taken. */
export async function expectFreePort(port: number | undefined): Promise<void> {
  if (port === undefined || port === 0 || (await isFree(port))) return;
  throw new Error(`port ${port} of 127.0.0.1 is taken by another process: choose another with --port, 0 for any`);
}

async function choosePort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return (await isFree(usualPort)) ? usualPort : 0;
  await expectFreePort(wanted);
  return wanted;
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  return promise;
}
