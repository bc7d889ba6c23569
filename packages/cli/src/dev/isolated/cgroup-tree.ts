import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@berth/world';

const root = '/sys/fs/cgroup';
const tree = 'berth-dev';
const legacyControllers = ['memory', 'cpu', 'cpuacct', 'cpuset', 'freezer', 'pids'];

/**
 * Control groups of the isolated hosts, one subtree each, for either version of the kernel's interface. A host's processes
 * stand in `sys`, its containers below `pods`; freezing the subtree freezes both.
 */
export interface CgroupTree {
  /** Path of a host's subtree, as `dockerd --cgroup-parent` wants it. */
  pathOf(host: string): string;
  make(host: string): void;
  /** Files to which a process writes its pid to enter the host's `sys` group. */
  entrances(host: string): readonly string[];
  /** Does nothing for a host without a subtree. */
  freeze(host: string, frozen: boolean): void;
  /** Pids of all processes in the subtree, as this namespace numbers them. */
  processes(host: string): readonly number[];
  /** Throws when a process is left in it. */
  remove(): void;
}

export function cgroupTree(): CgroupTree {
  return existsSync(join(root, 'cgroup.controllers')) ? unifiedTree() : legacyTree();
}

function legacyTree(): CgroupTree {
  const controllers = legacyControllers.filter((name) => existsSync(join(root, name, 'cgroup.procs')));
  const group = (controller: string, ...path: readonly string[]): string => join(root, controller, tree, ...path);
  return {
    pathOf: (host) => `/${tree}/${host}`,
    make(host) {
      for (const controller of controllers) {
        for (const path of [[], [host], [host, 'sys']]) {
          mkdirSync(group(controller, ...path), { recursive: true });
          if (controller === 'cpuset') inheritCpuset(group(controller, ...path));
        }
      }
    },
    entrances: (host) => controllers.map((controller) => join(group(controller, host, 'sys'), 'cgroup.procs')),
    freeze(host, frozen) {
      writeIfThere(join(group('freezer', host), 'freezer.state'), frozen ? 'FROZEN' : 'THAWED');
    },
    processes: (host) => processesBelow(group('pids', host)),
    remove() {
      // Engines make groups in every hierarchy, also in those that we do not use.
      for (const hierarchy of readdirSync(root)) removeBelow(group(hierarchy));
    },
  };
}

function unifiedTree(): CgroupTree {
  const group = (...path: readonly string[]): string => join(root, tree, ...path);
  return {
    pathOf: (host) => `/${tree}/${host}`,
    make(host) {
      mkdirSync(group(host, 'sys'), { recursive: true });
      for (const parent of [root, group(), group(host)]) delegateControllers(parent);
    },
    entrances: (host) => [join(group(host, 'sys'), 'cgroup.procs')],
    freeze(host, frozen) {
      writeIfThere(join(group(host), 'cgroup.freeze'), frozen ? '1' : '0');
    },
    processes: (host) => processesBelow(group(host)),
    remove() {
      removeBelow(group());
    },
  };
}

/** A new cpuset group is empty, and refuses processes until it has cores and memory nodes. */
function inheritCpuset(path: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (readFileSync(join(path, file), 'utf8').trim() === '')
      writeFileSync(join(path, file), readFileSync(join(path, '..', file), 'utf8'));
  }
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text);
}

function delegateControllers(parent: string): void {
  const available = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const wanted = available.filter((name) => ['cpu', 'memory', 'pids', 'cpuset', 'io'].includes(name));
  writeFileSync(join(parent, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '));
}

function directoriesBelow(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const children = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => directoriesBelow(join(path, child.name))), path];
}

function processesBelow(path: string): readonly number[] {
  return directoriesBelow(path).flatMap((directory) =>
    readFileSync(join(directory, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}

/** Children first; a group that still holds a dying process stays and is reported. */
function removeBelow(path: string): void {
  for (const directory of directoriesBelow(path)) rmdirSync(directory);
}

const emptyTimeoutMs = 10_000;

/** Waits until the kernel has let go of the last process of every host. */
export async function untilEmpty(cgroups: CgroupTree, hosts: readonly string[], world: World): Promise<void> {
  const deadline = world.clock.monotonicMs() + emptyTimeoutMs;
  while (hosts.some((host) => cgroups.processes(host).length > 0)) {
    if (world.clock.monotonicMs() > deadline) throw new Error(`processes of ${hosts.join(', ')} do not end`);
    await world.timers.sleep(20);
  }
}
