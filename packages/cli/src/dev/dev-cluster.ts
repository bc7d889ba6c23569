import { join } from 'node:path';
import type { World } from '@berth/world';
import type { Steps } from '../terminal/steps.ts';
import { type BringUp, bringUp } from './bring-up.ts';
import { type ClusterPlan, hostNamed, type PlanOptions, planCluster } from './cluster-plan.ts';
import { type ClusterState, type DevFolder, readState, removeState, writeState } from './cluster-state.ts';
import { deployHello } from './demo/deploy-hello.ts';
import type { Fleet, LinkQuality } from './fleet.ts';
import { isolatedFleet } from './isolated/isolated-fleet.ts';
import { isAlive, terminate } from './launched-process.ts';
import { localFleet } from './local-fleet.ts';
import { removeLocalNode } from './local-node-removal.ts';
import { agentArguments, serverArguments } from './process-arguments.ts';

const stopGraceMs = 5_000;

/** What every command of `berth dev` works with. */
export interface DevContext {
  readonly folder: DevFolder;
  readonly steps: Steps;
  readonly world: World;
}

export interface UpOptions extends PlanOptions {
  readonly frontDoorPort: number;
  readonly demo: boolean;
}

export type UpResult =
  | { readonly kind: 'already-up'; readonly state: ClusterState }
  | { readonly kind: 'started'; readonly state: ClusterState; readonly tookMs: number };

/** Starts the local cluster, or finds it running. Data that `down --keep-data` left is taken up with the plan it was made with. */
export async function up(context: DevContext, options: UpOptions): Promise<UpResult> {
  const { folder, steps, world } = context;
  const before = readState(folder);
  if (before !== undefined && isUp(before)) return { kind: 'already-up', state: before };
  const plan = before?.plan ?? planCluster(options);
  const fleet = fleetOf(context, plan);
  const begin = world.clock.monotonicMs();
  const work: BringUp = { plan, folder, fleet, steps, world, frontDoorPort: options.frontDoorPort };
  let state = await bringUp(work);
  if (options.demo) {
    const demoUrl = await deployHello({ plan, folder, fleet, steps, world });
    state = { ...state, demoUrl };
    writeState(folder, state);
  }
  return { kind: 'started', state, tookMs: world.clock.monotonicMs() - begin };
}

/** Stops and removes everything; what is gone already is no error. */
export async function down(
  context: DevContext,
  options: { readonly keepData: boolean },
): Promise<'removed' | 'nothing-there'> {
  const { folder, steps, world } = context;
  const state = readState(folder);
  if (state === undefined) return 'nothing-there';
  await steps.run('stopping the processes of Berth', async () => {
    const door = state.frontDoor === undefined ? [] : [state.frontDoor.process];
    await Promise.all(
      [...Object.values(state.processes), ...door].map((launched) => terminate(launched, stopGraceMs, world)),
    );
  });
  await steps.run('removing containers, networks and rules', () => fleetOf(context, state.plan).remove(options));
  removeState(folder, options);
  return 'removed';
}

/** Power cut of a host: its Berth process and everything that it ran end at once. */
export async function kill(context: DevContext, name: string): Promise<void> {
  const { state, fleet, host } = locate(context, name);
  const launched = state.processes[name];
  if (launched !== undefined && isAlive(launched)) process.kill(launched.pid, 'SIGKILL');
  await fleet.kill(host);
  const { [name]: _gone, ...processes } = state.processes;
  writeState(context.folder, { ...state, processes });
}

/** Power on again: the host boots and its Berth process starts with the data it had. */
export async function start(context: DevContext, name: string): Promise<void> {
  const { state, fleet, host } = locate(context, name);
  const running = state.processes[name];
  if (running !== undefined && isAlive(running)) throw new Error(`${name} is running`);
  await fleet.boot(host);
  const dataDir = context.folder.dataOf(name);
  const args =
    host.role === 'server'
      ? serverArguments(state.plan, host, dataDir, undefined)
      : agentArguments(state.plan, host, dataDir, fleet.engineSocket(host), undefined);
  const launched = await fleet.launch(host, args);
  writeState(context.folder, { ...state, processes: { ...state.processes, [name]: launched } });
}

/** The host hangs, or goes on. In the local fleet its process and its containers are stopped. */
export async function freeze(context: DevContext, name: string, wanted: 'frozen' | 'running'): Promise<void> {
  const { state, fleet, host } = locate(context, name);
  const launched = state.processes[name];
  if (!state.plan.isolated && launched !== undefined && isAlive(launched)) {
    process.kill(launched.pid, wanted === 'frozen' ? 'SIGSTOP' : 'SIGCONT');
  }
  await (wanted === 'frozen' ? fleet.freeze(host) : fleet.thaw(host));
}

export async function link(context: DevContext, from: number, to: number, quality: LinkQuality): Promise<void> {
  const state = stateOf(context);
  for (const site of [from, to]) {
    if (!Number.isInteger(site) || site < 1 || site > state.plan.dataCenters) {
      throw new Error(`a data center is a number from 1 to ${state.plan.dataCenters}, got ${site}`);
    }
  }
  if (from === to) throw new Error('a link joins two different data centers');
  await fleetOf(context, state.plan).link(from, to, quality);
}

export function stateOf(context: DevContext): ClusterState {
  const state = readState(context.folder);
  if (state === undefined) throw new Error('there is no local cluster; `berth dev up` starts one');
  return state;
}

/** Up means: at least one of its processes lives. */
export function isUp(state: ClusterState): boolean {
  return Object.values(state.processes).some((launched) => isAlive(launched));
}

function locate(
  context: DevContext,
  name: string,
): { readonly state: ClusterState; readonly fleet: Fleet; readonly host: ClusterPlan['hosts'][number] } {
  const state = stateOf(context);
  return { state, fleet: fleetOf(context, state.plan), host: hostNamed(state.plan, name) };
}

function fleetOf({ folder, world }: DevContext, plan: ClusterPlan): Fleet {
  return plan.isolated
    ? isolatedFleet(plan, folder, world)
    : localFleet(plan, folder, (host) => removeLocalNode(host, join(folder.dataOf(host.name))));
}
