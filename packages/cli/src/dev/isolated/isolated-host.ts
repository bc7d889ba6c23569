import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/world';
import Docker from 'dockerode';
import type { ClusterPlan, HostPlan } from '../cluster-plan.ts';
import { waitFor } from '../waiting.ts';
import type { CgroupTree } from './cgroup-tree.ts';
import { namespaceOf, setWire } from './fabric.ts';

const initScript = new URL('host-init.sh', import.meta.url).pathname;
const bootTimeoutMs = 60_000;

/** Folders of one host: `run` is empty after every boot, `disk` stays. */
export interface HostFolders {
  readonly run: string;
  readonly disk: string;
}

/** Boots a host: namespaces, control group, private /run, and its Docker Engine if it is a node. Returns when the engine answers. */
export async function bootHost(
  plan: ClusterPlan,
  host: HostPlan,
  folders: HostFolders,
  cgroups: CgroupTree,
  world: World,
): Promise<void> {
  rmSync(folders.run, { recursive: true, force: true });
  mkdirSync(folders.run, { recursive: true, mode: 0o755 });
  mkdirSync(join(folders.disk, 'docker'), { recursive: true });
  mkdirSync(join(folders.disk, 'etc-docker'), { recursive: true });
  const names = plan.hosts.map((each) => `${each.address} ${each.name}`);
  writeFileSync(join(folders.disk, 'hosts'), `${['127.0.0.1 localhost', ...names].join('\n')}\n`);
  writeFileSync(join(folders.disk, 'resolv.conf'), 'options timeout:1\n');
  cgroups.make(host.name);
  await setWire(host, 'up');
  const pid = startInit(host, folders, cgroups);
  writeFileSync(join(folders.run, 'outer.pid'), String(pid));
  const answers =
    host.role === 'node' ? () => engineAnswers(folders) : async () => existsSync(join(folders.run, 'booted'));
  const awaited = { what: `${host.name} boots`, timeoutMs: bootTimeoutMs };
  await waitFor(world, awaited, async () => {
    if (initPid(folders) === undefined && existsSync(join(folders.run, 'booted'))) throw new Error('it is down again');
    return (await answers()) ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${endOfLogs(folders)}`, { cause: error });
  });
}

async function engineAnswers(folders: HostFolders): Promise<boolean> {
  await new Docker({ socketPath: join(folders.run, 'docker.sock') }).ping();
  return true;
}

function endOfLogs(folders: HostFolders): string {
  return ['init.log', 'dockerd.log']
    .map((name) => join(folders.run, name))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n'))
    .join('\n');
}

/** The script enters its control group first, then becomes the host by `unshare`. */
function startInit(host: HostPlan, folders: HostFolders, cgroups: CgroupTree): number {
  const log = openSync(join(folders.run, 'init.log'), 'a');
  try {
    const enter = cgroups.entrances(host.name).map((file) => `echo $$ > ${file}`);
    const init = [
      `exec nsenter --net=/run/netns/${namespaceOf(host.name)} -- unshare --mount --pid --uts --ipc --fork --kill-child`,
      `bash '${initScript}' '${host.name}' '${folders.run}' '${folders.disk}' ${host.role === 'node' ? 'yes' : 'no'} '${cgroups.pathOf(host.name)}'`,
    ].join(' ');
    const child = spawn('bash', ['-c', [...enter, init].join('\n')], { detached: true, stdio: ['ignore', log, log] });
    if (child.pid === undefined) throw new Error(`${host.name}: bash could not be started`);
    child.unref();
    return child.pid;
  } finally {
    closeSync(log);
  }
}

/** Pid of the host's first process as this namespace numbers it; undefined when the host is down. */
export function initPid(folders: HostFolders): number | undefined {
  try {
    const outer = readFileSync(join(folders.run, 'outer.pid'), 'utf8');
    const [child] = childrenOf(Number(outer));
    return child;
  } catch {
    return undefined;
  }
}

export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);
}

/** Power cut: the link goes down, then one SIGKILL ends every process of the host. */
export async function killHost(host: HostPlan, folders: HostFolders): Promise<void> {
  const pid = initPid(folders);
  await setWire(host, 'down').catch(() => {});
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}
