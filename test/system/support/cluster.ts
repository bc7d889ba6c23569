import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, type CommandResult, root, run } from './command.ts';
import { Docker } from './docker.ts';
import { Kubectl, kubectlPrograms } from './kubectl.ts';
import { until } from './waiting.ts';

/** One line of `berth dev status`. */
export interface Host {
  readonly name: string;
  readonly role: 'server' | 'node';
  readonly zone: string;
  readonly address: string;
  /** Of its Berth process; undefined when it is down. */
  readonly pid: number | undefined;
  /** What the cluster says of a node, e.g. `Ready`; `-` of a server. */
  readonly says: string;
}

/** One item of `/berth/v1/servers`. */
export interface ServerItem {
  readonly name: string;
  readonly apiAddress: string;
  readonly role: string;
  readonly leads: boolean;
}

export interface ServerList {
  readonly clusterId: string;
  readonly servedBy: string;
  readonly leader: string;
  readonly reason?: string;
  readonly items: readonly ServerItem[];
}

const firstOutput = /^(\S+) +(server|node) +(\S+) +(\S+) +(?:running \((\d+)\)|down) +(.+?) *$/;

/** A cluster of `berth dev`, driven from the command line as its user does. */
export class Cluster {
  /** Everything the cluster keeps on this machine. The same in every run, so that what an aborted run has left is found and removed. */
  readonly folder: string = join(tmpdir(), 'berth-system-test', 'dev');
  readonly kubectl: Kubectl;
  readonly environment: Readonly<Record<string, string>> = { BERTH_DEV_DIR: this.folder, NO_COLOR: '1' };

  constructor() {
    const [program] = kubectlPrograms();
    const cacheDir = join(this.folder, '..', 'kubectl-cache');
    this.kubectl = new Kubectl({ program, kubeconfig: this.kubeconfig, cacheDir });
  }

  get kubeconfig(): string {
    return join(this.folder, 'kubeconfig');
  }

  /** `./berth ARGS`, which must succeed. */
  berth(...args: readonly string[]): Promise<string> {
    return run(join(root, 'berth'), args, { env: this.environment });
  }

  attemptBerth(args: readonly string[], input?: string): Promise<CommandResult> {
    return attempt(join(root, 'berth'), args, { env: this.environment, ...(input === undefined ? {} : { input }) });
  }

  dev(...args: readonly string[]): Promise<string> {
    return this.berth('dev', ...args);
  }

  /** Removes the cluster; does nothing when there is none. */
  async down(): Promise<void> {
    if (existsSync(this.folder)) await this.dev('down');
  }

  async hosts(): Promise<readonly Host[]> {
    const table = await this.dev('status');
    return table.split('\n').flatMap((line) => {
      const [, name = '', role, zone = '', address = '', pid, says = ''] = firstOutput.exec(line) ?? [];
      if (role !== 'server' && role !== 'node') return [];
      return [{ name, role, zone, address, pid: pid === undefined ? undefined : Number(pid), says }];
    });
  }

  async host(name: string): Promise<Host> {
    const host = (await this.hosts()).find((each) => each.name === name);
    if (host === undefined) throw new Error(`berth dev status does not list ${name}`);
    return host;
  }

  async nodes(): Promise<readonly Host[]> {
    return (await this.hosts()).filter(({ role }) => role === 'node');
  }

  async servers(): Promise<ServerList> {
    return JSON.parse(await this.kubectl.run('get', '--raw', '/berth/v1/servers')) as ServerList;
  }

  /** Name of the server that leads; waits through an election. */
  async leader(): Promise<string> {
    const { leader } = await until({
      what: 'a server leads',
      withinMs: 15_000,
      look: () => this.servers(),
      isSo: (list) => list.leader !== '',
    });
    return leader;
  }

  /** SIGKILL for the Berth process of a host; what it runs stays. */
  async killProcess(name: string): Promise<void> {
    const { pid } = await this.host(name);
    if (pid === undefined) throw new Error(`${name} is down already`);
    process.kill(pid, 'SIGKILL');
  }

  start(name: string): Promise<string> {
    return this.dev('start', name);
  }

  /** Where the engine of an isolated host listens. */
  engineSocket(host: string): string {
    return `/run/berth-dev/${host}/docker.sock`;
  }

  /** The engine of a node: every isolated host has its own. */
  engineOf(host: string): Docker {
    const socket = this.engineSocket(host);
    return existsSync(socket) ? new Docker(socket) : new Docker();
  }

  /** The end of the logs of all processes, for whoever reads a failure. */
  logTail(name: string, lines = 40): string {
    const file = join(this.folder, 'logs', `${name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
  }
}
