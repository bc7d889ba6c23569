import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/world';
import type { ClusterPlan } from '../cluster-plan.ts';
import { isAlive, type LaunchedProcess, launch, signal, terminate } from '../launched-process.ts';
import { berthProgram } from '../local-fleet.ts';
import { waitFor } from '../waiting.ts';
import { bridgeOf, fabricNamespace, inFabric } from './fabric.ts';
import type { WanDelays } from './wan-emulator.ts';

const device = 'wan';
/** Routing table for what enters the router from a data center, while delays are emulated. */
const table = '100';
const stopGraceMs = 1_000;

interface WanProcesses {
  readonly emulator: LaunchedProcess;
  readonly carrier: LaunchedProcess;
}

/** Sends everything that crosses sites through the emulator, or tells a running one its new delays. */
export async function startWan(
  plan: ClusterPlan,
  runFolder: string,
  logFile: string,
  delays: WanDelays,
  world: World,
): Promise<void> {
  const configFile = join(runFolder, 'wan.json');
  writeFileSync(`${configFile}.next`, JSON.stringify(delays));
  renameSync(`${configFile}.next`, configFile);
  const running = runningWan(runFolder);
  if (running !== undefined) {
    signal(running.emulator, 'SIGHUP');
    return;
  }
  const portFile = join(runFolder, 'wan.port');
  writeFileSync(portFile, '');
  const enter = ['--net=/run/netns/'.concat(fabricNamespace), '--'];
  const emulator = launch({
    program: 'nsenter',
    args: [...enter, berthProgram, 'dev', 'wan-emulator', '--config', configFile, '--port-file', portFile],
    logFile,
  });
  const awaited = { what: 'the WAN emulator starts', timeoutMs: 20_000, processes: [{ launched: emulator, logFile }] };
  const port = await waitFor(world, awaited, async () => Number(readFileSync(portFile, 'utf8')) || undefined);
  const carrier = launch({
    program: 'nsenter',
    args: [
      ...enter,
      'socat',
      '-b',
      '65536',
      `TUN,tun-name=${device},tun-type=tun,iff-no-pi,iff-up`,
      `UDP4:127.0.0.1:${port}`,
    ],
    logFile,
  });
  writeFileSync(join(runFolder, 'wan.pids'), JSON.stringify({ emulator, carrier } satisfies WanProcesses));
  await waitFor(
    world,
    { what: 'the TUN device appears', timeoutMs: 5_000, processes: [{ launched: carrier, logFile }] },
    async () => {
      await inFabric('ip', 'link', 'set', device, 'txqueuelen', '10000', 'up');
      return true;
    },
  );
  await inFabric('ip', 'route', 'replace', 'default', 'dev', device, 'table', table);
  for (let site = 1; site <= plan.dataCenters; site++) {
    const from = ['iif', bridgeOf(site)];
    await inFabric('ip', 'rule', 'add', ...from, 'to', `${plan.network}.0.0/24`, 'lookup', 'main', 'priority', '90');
    await inFabric('ip', 'rule', 'add', ...from, 'lookup', table, 'priority', '100');
  }
}

export async function stopWan(plan: ClusterPlan, runFolder: string, world: World): Promise<void> {
  const processes = startedWan(runFolder);
  if (processes === undefined) return;
  for (let site = 1; site <= plan.dataCenters; site++) {
    for (const priority of ['90', '100']) {
      await inFabric('ip', 'rule', 'delete', 'iif', bridgeOf(site), 'priority', priority).catch(() => {});
    }
  }
  await terminate(processes.carrier, stopGraceMs, world);
  await terminate(processes.emulator, stopGraceMs, world);
  rmSync(join(runFolder, 'wan.pids'), { force: true });
}

function runningWan(runFolder: string): WanProcesses | undefined {
  const processes = startedWan(runFolder);
  return processes !== undefined && isAlive(processes.emulator) && isAlive(processes.carrier) ? processes : undefined;
}

function startedWan(runFolder: string): WanProcesses | undefined {
  const file = join(runFolder, 'wan.pids');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as WanProcesses) : undefined;
}
