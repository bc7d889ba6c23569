import type { World } from '@berth/world';
import type { ApiClient } from '../client/api-client.ts';
import type { Steps } from '../terminal/steps.ts';
import { bringUp } from './bring-up.ts';
import { clusterLock } from './cluster-lock.ts';
import {
  type ClusterPlan,
  type ClusterShape,
  expectShape,
  type HostPlan,
  hostNamed,
  planCluster,
  shapeOf,
  usualShape,
} from './cluster-plan.ts';
import { ClusterStart } from './cluster-start.ts';
import {
  type ClusterState,
  type DevFolder,
  emptyState,
  isComplete,
  isRunning,
  livingProcess,
  readState,
  removeState,
  writeState,
} from './cluster-state.ts';
import { buildHelloImage, deployHello } from './demo/deploy-hello.ts';
import type { Fleet, LinkQuality } from './fleet.ts';
import { freeNetworks } from './free-networks.ts';
import { expectFreePort } from './front-door-process.ts';
import { isolatedFleet } from './isolated/isolated-fleet.ts';
import { signal, terminate } from './launched-process.ts';
import { localFleet } from './local-fleet.ts';

const stopGraceMs = 5_000;

/** What every command of `berth dev` works with. */
export interface DevContext {
  readonly folder: DevFolder;
  readonly steps: Steps;
  readonly world: World;
}

export interface UpOptions {
  /** What was asked for; the rest is usual. A cluster that exists keeps its shape. */
  readonly shape: Partial<ClusterShape>;
  readonly frontDoorPort: number | undefined;
  readonly demo: boolean;
}

export interface DownOptions {
  readonly keepData: boolean;
}

export type UpResult =
  | { readonly kind: 'already-up'; readonly state: ClusterState }
  | { readonly kind: 'started'; readonly state: ClusterState; readonly tookMs: number }
  /** A part of it ran already. */
  | { readonly kind: 'completed'; readonly state: ClusterState; readonly tookMs: number };

/** Starts the local cluster, or what is missing of it. Data that `down --keep-data` or a reboot left is taken up again. */
export async function up(context: DevContext, options: UpOptions): Promise<UpResult> {
  await using _ = await clusterLock(context);
  return bringItUp(context, options);
}

async function bringItUp(context: DevContext, options: UpOptions): Promise<UpResult> {
  const { folder, steps, world } = context;
  const before = readState(folder);
  if (before !== undefined) expectShape(before.plan, options.shape);
  const isDemoMissing = options.demo && before?.demoUrl === undefined;
  if (before !== undefined && isComplete(before) && !isDemoMissing) return { kind: 'already-up', state: before };
  const frontDoorPort = before?.frontDoor?.port ?? options.frontDoorPort;
  if (before?.frontDoor === undefined) await expectFreePort(options.frontDoorPort);
  const plan = before?.plan ?? planCluster({ ...usualShape, ...options.shape }, freeNetworks());
  // From here on `down` knows what to remove.
  if (before === undefined) writeState(folder, emptyState(plan));
  const begin = world.clock.monotonicMs();
  const fleet = fleetOf(context, plan);
  await fleet.prepare(steps);
  const image = options.demo ? buildHelloImage(fleet, steps) : Promise.resolve();
  let demoUrl = before?.demoUrl;
  const onNodesReady = async (client: ApiClient, signal: AbortSignal): Promise<void> => {
    if (!options.demo) return;
    await image;
    demoUrl = await deployHello({ plan, client, signal, steps, world });
  };
  // A failure is met where the image is waited for.
  image.catch(() => undefined);
  const started = await bringUp({ plan, folder, fleet, steps, world, before, frontDoorPort, onNodesReady });
  const state = { ...started, demoUrl };
  writeState(folder, state);
  const kind = before !== undefined && isRunning(before) ? 'completed' : 'started';
  return { kind, state, tookMs: world.clock.monotonicMs() - begin };
}

/** Stops and removes everything; what is gone already is no error. */
export async function down(context: DevContext, options: DownOptions): Promise<'removed' | 'nothing-there'> {
  await using _ = await clusterLock(context);
  return takeDown(context, options);
}

async function takeDown(context: DevContext, options: DownOptions): Promise<'removed' | 'nothing-there'> {
  const { folder, steps, world } = context;
  const state = readState(folder);
  if (state === undefined) return 'nothing-there';
  const fleet = fleetOf(context, state.plan);
  const processes = [
    ...Object.values(state.processes),
    ...(state.frontDoor === undefined ? [] : [state.frontDoor.process]),
  ];
  await steps.run('stopping the processes of Berth', async () => {
    // A frozen host would not hear that it is to stop.
    await Promise.all(state.plan.hosts.map((host) => fleet.thaw(host).catch(() => undefined)));
    await Promise.all(processes.map((launched) => terminate(launched, stopGraceMs, world)));
  });
  await steps.run('removing containers, networks and rules', () => fleet.remove(options));
  removeState(folder, options);
  return 'removed';
}

/** A cluster of the same shape with empty state, and with a demo if there was one. */
export async function reset(context: DevContext): Promise<UpResult> {
  await using _ = await clusterLock(context);
  const { demoUrl, frontDoor, plan } = stateOf(context);
  await takeDown(context, { keepData: false });
  return bringItUp(context, { shape: shapeOf(plan), frontDoorPort: frontDoor?.port, demo: demoUrl !== undefined });
}

/** Power cut of a host: its Berth process and everything that it ran end at once. */
export async function kill(context: DevContext, name: string): Promise<void> {
  await using _ = await clusterLock(context);
  const { state, fleet, host } = locate(context, name);
  const launched = livingProcess(state, name);
  if (launched !== undefined) signal(launched, 'SIGKILL');
  await fleet.kill(host);
  const { [name]: _gone, ...processes } = state.processes;
  writeState(context.folder, { ...state, processes });
}

/** Power on again: the host boots and its Berth process starts with the data it had. */
export async function start(context: DevContext, name: string): Promise<void> {
  await using _ = await clusterLock(context);
  const { state, fleet, host } = locate(context, name);
  if (livingProcess(state, name) !== undefined) throw new Error(`${name} is running`);
  await fleet.boot(host);
  const { folder } = context;
  await new ClusterStart({ before: state, fleet, folder, plan: state.plan }).host(host, undefined);
}

/** The host hangs, its Berth process and its containers with it, or goes on. */
export async function freeze(context: DevContext, name: string, wanted: 'frozen' | 'running'): Promise<void> {
  await using _ = await clusterLock(context);
  const { state, fleet, host } = locate(context, name);
  const launched = livingProcess(state, name);
  if (launched === undefined) throw new Error(`${name} is down: start it with \`berth dev start ${name}\``);
  // An isolated host's processes are all frozen with it, and a stopped one would stop its parent too.
  const stops = !state.plan.isolated;
  if (wanted === 'frozen') {
    if (stops) signal(launched, 'SIGSTOP');
    await fleet.freeze(host);
  } else {
    await fleet.thaw(host);
    if (stops) signal(launched, 'SIGCONT');
  }
}

export async function link(context: DevContext, from: number, to: number, quality: LinkQuality): Promise<void> {
  await using _ = await clusterLock(context);
  const { plan } = stateOf(context);
  for (const site of [from, to]) {
    if (site < 1 || site > plan.dataCenters)
      throw new Error(`a data center is a number from 1 to ${plan.dataCenters}, got ${site}`);
  }
  if (from === to) throw new Error('a link joins two different data centers');
  await fleetOf(context, plan).link(from, to, quality);
}

export function stateOf(context: DevContext): ClusterState {
  const state = readState(context.folder);
  if (state === undefined) throw new Error('there is no local cluster; `berth dev up` starts one');
  return state;
}

function locate(
  context: DevContext,
  name: string,
): { readonly state: ClusterState; readonly fleet: Fleet; readonly host: HostPlan } {
  const state = stateOf(context);
  return { state, fleet: fleetOf(context, state.plan), host: hostNamed(state.plan, name) };
}

function fleetOf({ folder, world }: DevContext, plan: ClusterPlan): Fleet {
  return plan.isolated ? isolatedFleet(plan, folder, world) : localFleet(plan, folder);
}
