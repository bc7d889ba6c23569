import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { attempt } from './command.ts';

/** Folders of local clusters that do not belong to the folder of one cluster. */
const folders = ['/run/berth', '/run/berth-dev', '/var/lib/berth-dev'];
const linkName = /^(?:berth0|berth-mgmt0|br-[0-9a-f]{8}|bv[0-9a-f]{8})$/;
/** What is mounted below these belongs to Berth. */
const ownMounts = ['berth-system-test', '/run/berth', '/var/lib/berth-dev'];
/** So does a process whose command line names one of these. */
const ownArguments = ['berth-system-test', '/run/berth-dev/', '/var/lib/berth-dev/'];

/**
 * One line for everything of Berth on this machine: containers, links, rules, routes, mounts, control groups, processes, folders. Taken
 * before a cluster starts and after it is gone, the two lists must be equal.
 */
export async function tracesOfBerth(clusterFolder: string): Promise<readonly string[]> {
  const found = await Promise.all([
    matching('container', ['docker', 'ps', '--all', '--format', '{{.Names}}'], /^berth/),
    matching('network', ['docker', 'network', 'ls', '--format', '{{.Name}}'], /berth/),
    matching('link', ['ip', '-brief', 'link'], linkName, (line) => line.split(/[@ ]/)[0] ?? ''),
    matching('address', ['ip', '-brief', 'address'], /^berth0|^br-[0-9a-f]{8} /),
    matching('namespace', ['ip', 'netns', 'list'], /^berth/),
    matching('route', ['ip', 'route', 'show', 'table', 'all', 'proto', '190'], /./),
    matching('nft table', ['nft', 'list', 'tables'], /berth/),
    matching('nft rule', ['nft', 'list', 'ruleset'], /berth|br-[0-9a-f]{8}/, (line) => line.trim()),
    matching('iptables rule', ['iptables-save'], /berth|br-[0-9a-f]{8}/),
  ]);
  return [
    ...found.flat(),
    ...mounts(),
    ...controlGroups(),
    ...processes(),
    ...traces([...folders, clusterFolder]),
  ].sort();
}

async function matching(
  kind: string,
  [program = '', ...args]: readonly string[],
  pattern: RegExp,
  pick: (line: string) => string = (line) => line,
): Promise<readonly string[]> {
  const { stdout } = await attempt(program, args);
  const wanted = stdout.split('\n').map(pick);
  return wanted.filter((line) => pattern.test(line)).map((line) => `${kind} ${line}`);
}

function mounts(): readonly string[] {
  const points = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  return points.filter((point) => namesOneOf(ownMounts, point)).map((point) => `mount ${point}`);
}

function controlGroups(): readonly string[] {
  const root = '/sys/fs/cgroup';
  const trees = [root, ...readdirSync(root).map((name) => `${root}/${name}`)];
  const groups = trees
    .filter((tree) => existsSync(`${tree}/cgroup.procs`))
    .flatMap((tree) => readdirSync(tree).map((name) => `${tree}/${name}`));
  return groups.filter((path) => /\/berth[^/]*$/.test(path)).map((path) => `control group ${path}`);
}

function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = commandLine(pid);
      return namesOneOf(ownArguments, command) ? [`process ${command.slice(0, 200)}`] : [];
    });
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Folders that exist, and what is in them. */
function traces(paths: readonly string[]): readonly string[] {
  return paths
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => `file ${path}/${name}`));
}

function namesOneOf(paths: readonly string[], text: string): boolean {
  return paths.some((path) => text.includes(path));
}
