import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Launcher } from '../../../packages/store/test/embedded/process-cluster.ts';
import { freePort } from '../../../packages/store/test/free-port.ts';
import { anywhere, type Engine, type EngineSite, electionMs, heartbeatMs, size } from './engine.ts';

const run = promisify(execFile);

interface Seat {
  readonly name: string;
  readonly endpoint: string;
  readonly peerUrl: string;
  readonly folder: string;
  readonly launch: Launcher;
  child: ChildProcess | undefined;
}

interface Status {
  readonly id: string;
  readonly leads: boolean;
  readonly term: number;
}

/** Debian's etcd with its defaults: synced writes, no TLS. */
export class EtcdEngine implements Engine {
  readonly name = 'etcd';
  readonly #site: EngineSite;
  readonly #seats: Seat[] = [];

  private constructor(site: EngineSite) {
    this.#site = site;
  }

  static async start(site: EngineSite): Promise<EtcdEngine> {
    const engine = new EtcdEngine(site);
    for (let i = 0; i < size; i++) await engine.#plan();
    for (const seat of engine.#seats) engine.#launch(seat, 'new');
    await engine.leader();
    return engine;
  }

  get endpoints(): readonly string[] {
    return this.#seats.map(({ endpoint }) => endpoint);
  }

  get pids(): readonly number[] {
    return this.#seats.flatMap(({ child }) => child?.pid ?? []);
  }

  place(member: number): Launcher {
    return this.#at(member).launch;
  }

  async leader(): Promise<number> {
    for (;;) {
      for (const [index, seat] of this.#seats.entries()) {
        if (seat.child !== undefined && (await statusOf(seat))?.leads === true) return index;
      }
      await pause(20);
    }
  }

  async term(): Promise<number> {
    return (await statusOf(this.#at(await this.leader())))?.term ?? Number.NaN;
  }

  async kill(member: number): Promise<void> {
    const { child } = this.#at(member);
    this.#at(member).child = undefined;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async start(member: number): Promise<void> {
    this.#launch(this.#at(member), 'existing');
    while ((await statusOf(this.#at(member))) === undefined) await pause(50);
  }

  freeze(member: number): void {
    this.#at(member).child?.kill('SIGSTOP');
  }

  thaw(member: number): void {
    this.#at(member).child?.kill('SIGCONT');
  }

  async transfer(from: number, to: number): Promise<void> {
    const heir = await statusOf(this.#at(to));
    await etcdctl(this.#at(from), 'move-leader', heir?.id ?? '');
  }

  async join(): Promise<void> {
    const leader = this.#at(await this.leader());
    const seat = await this.#plan();
    const told = await etcdctl(leader, 'member', 'add', seat.name, '--learner', `--peer-urls=${seat.peerUrl}`);
    const id = /Member\s+([0-9a-f]+)\s+added/.exec(told)?.[1] ?? '';
    this.#launch(seat, 'existing');
    // Refused for as long as it lags.
    while (!(await succeeds(etcdctl(leader, 'member', 'promote', id)))) await pause(50);
  }

  async leave(): Promise<void> {
    const index = this.#seats.length - 1;
    const seat = this.#at(index);
    const { id = '' } = (await statusOf(seat)) ?? {};
    await etcdctl(this.#at(0), 'member', 'remove', id);
    await this.kill(index);
    this.#seats.pop();
    await rm(seat.folder, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#seats.map((_, index) => this.kill(index)));
  }

  #at(member: number): Seat {
    return this.#seats[member] as Seat;
  }

  async #plan(): Promise<Seat> {
    const index = this.#seats.length;
    const { host = '127.0.0.1', launch = anywhere } = this.#site.dwelling?.(index) ?? {};
    const name = `m${index}`;
    const [endpoint, peer] = [`${host}:${await freePort()}`, `${host}:${await freePort()}`];
    const folder = join(this.#site.folder, name);
    const seat = { name, endpoint, peerUrl: `http://${peer}`, folder, launch, child: undefined };
    this.#seats.push(seat);
    return seat;
  }

  #launch(seat: Seat, state: 'new' | 'existing'): void {
    const settings = {
      name: seat.name,
      'data-dir': seat.folder,
      'listen-client-urls': `http://${seat.endpoint}`,
      'advertise-client-urls': `http://${seat.endpoint}`,
      'listen-peer-urls': seat.peerUrl,
      'initial-advertise-peer-urls': seat.peerUrl,
      'initial-cluster': this.#seats.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(','),
      'initial-cluster-state': state,
      'heartbeat-interval': String(heartbeatMs),
      'election-timeout': String(electionMs),
      'quota-backend-bytes': String(8 * 2 ** 30),
      'log-level': 'error',
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    // It ends with this process, however that ends.
    const [command, ...args] = seat.launch(['setpriv', '--pdeathsig', 'KILL', 'etcd', ...flags]);
    seat.child = spawn(command, args, { stdio: 'ignore' });
  }
}

/** `endpoint, id, version, size, leads, learner, term, ...` */
async function statusOf(seat: Seat): Promise<Status | undefined> {
  const line = await etcdctl(seat, 'endpoint', 'status', '-w', 'simple').catch(() => undefined);
  const [, id = '', , , leads, , term] = line?.split(', ') ?? [];
  return line === undefined ? undefined : { id, leads: leads === 'true', term: Number(term) };
}

async function etcdctl(seat: Seat, ...words: readonly string[]): Promise<string> {
  const env = { ...process.env, ETCDCTL_API: '3' };
  const options = ['--endpoints', seat.endpoint, '--dial-timeout', '500ms', '--command-timeout', '1s'];
  const [command, ...args] = seat.launch(['etcdctl', ...options, ...words]);
  return (await run(command, args, { env })).stdout;
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
