import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../packages/store/test/free-port.ts';
import { type Engine, electionMs, heartbeatMs, size } from './engine.ts';

const run = promisify(execFile);

interface Seat {
  readonly endpoint: string;
  readonly flags: readonly string[];
  child: ChildProcess | undefined;
}

interface Status {
  readonly id: string;
  readonly leads: boolean;
}

/** Debian's etcd with its defaults: synced writes, no TLS. */
export async function startEtcdCluster(folder: string): Promise<Engine> {
  const places = [];
  for (let i = 0; i < size; i++) places.push({ client: await freePort(), peer: await freePort() });
  const initial = places.map(({ peer }, i) => `m${i}=http://127.0.0.1:${peer}`).join(',');
  const seats = places.map(({ client, peer }, i): Seat => {
    const settings = {
      name: `m${i}`,
      'data-dir': join(folder, `m${i}`),
      'listen-client-urls': `http://127.0.0.1:${client}`,
      'advertise-client-urls': `http://127.0.0.1:${client}`,
      'listen-peer-urls': `http://127.0.0.1:${peer}`,
      'initial-advertise-peer-urls': `http://127.0.0.1:${peer}`,
      'initial-cluster': initial,
      'heartbeat-interval': String(heartbeatMs),
      'election-timeout': String(electionMs),
      'quota-backend-bytes': String(8 * 2 ** 30),
      'log-level': 'error',
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    return { endpoint: `127.0.0.1:${client}`, flags, child: undefined };
  });
  for (const seat of seats) launch(seat);
  const engine = engineOf(seats);
  await engine.leader();
  return engine;
}

function launch(seat: Seat): void {
  // It ends with this process, however that ends.
  seat.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'etcd', ...seat.flags], { stdio: 'ignore' });
}

function engineOf(seats: readonly Seat[]): Engine {
  const at = (index: number): Seat => seats[index] as Seat;
  return {
    name: 'etcd',
    endpoints: seats.map(({ endpoint }) => endpoint),
    get pids() {
      return seats.flatMap(({ child }) => child?.pid ?? []);
    },
    async leader() {
      for (;;) {
        for (const [index, seat] of seats.entries()) {
          if (seat.child !== undefined && (await statusOf(seat))?.leads === true) return index;
        }
        await pause(20);
      }
    },
    async kill(member) {
      const { child } = at(member);
      at(member).child = undefined;
      if (child === undefined) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
    async start(member) {
      launch(at(member));
      while ((await statusOf(at(member))) === undefined) await pause(50);
    },
    async transfer(from, to) {
      const heir = await statusOf(at(to));
      await etcdctl(at(from), 'move-leader', heir?.id ?? '');
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(seats.map((_, index) => this.kill(index)));
    },
  };
}

/** `endpoint, id, version, size, leads, learner, term, ...` */
async function statusOf(seat: Seat): Promise<Status | undefined> {
  const line = await etcdctl(seat, 'endpoint', 'status', '-w', 'simple').catch(() => undefined);
  const [, id = '', , , leads] = line?.split(', ') ?? [];
  return line === undefined ? undefined : { id, leads: leads === 'true' };
}

async function etcdctl(seat: Seat, ...command: readonly string[]): Promise<string> {
  const env = { ...process.env, ETCDCTL_API: '3' };
  const options = ['--endpoints', seat.endpoint, '--dial-timeout', '500ms', '--command-timeout', '1s'];
  return (await run('etcdctl', [...options, ...command], { env })).stdout;
}
