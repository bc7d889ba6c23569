import { execFile, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Launcher } from '../../../packages/store/test/embedded/process-cluster.ts';
import { testFolder } from '../../../packages/store/test/test-folder.ts';

const run = promisify(execFile);
const namePrefix = 'berth-store-';
const berth = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));
const table = '100';

/** A network namespace for each member and a router between them, whose links can be cut one way or both, and slowed down. */
export class MemberNetwork implements AsyncDisposable {
  readonly #size: number;
  readonly #name: string;
  readonly #folder: string;
  readonly #helpers: ReturnType<typeof spawn>[] = [];

  private constructor(size: number, name: string, folder: string) {
    this.#size = size;
    this.#name = name;
    this.#folder = folder;
  }

  static async create(size: number): Promise<MemberNetwork> {
    await removeAbandoned();
    const network = new MemberNetwork(size, `${namePrefix}${process.pid}-`, await testFolder('network'));
    await network.#ip('netns', 'add', network.#router);
    await network.#inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0');
    await network.#inRouter('ip', 'link', 'set', 'lo', 'up');
    for (let member = 0; member < size; member++) await network.#plugIn(member);
    return network;
  }

  address(member: number): string {
    return `10.99.${member}.2`;
  }

  launcher(member: number): Launcher {
    return (commandLine) => ['ip', 'netns', 'exec', this.#namespace(member), ...commandLine];
  }

  /** From now on these ways, and only these, are cut: `[0, 1]` loses what member 0 sends to member 1. */
  async cut(ways: readonly (readonly [from: number, to: number])[]): Promise<void> {
    const rules = ways.map(([from, to]) => `ip saddr ${this.address(from)} ip daddr ${this.address(to)} drop`);
    const text = [
      'table ip links',
      'delete table ip links',
      'table ip links {',
      '  chain cross {',
      '    type filter hook prerouting priority -300',
      // A delayed packet passes here a second time, from the emulator: it counts once.
      ...rules.map((rule) => `    iifname "v*" ${rule}`),
      '  }',
      '}',
    ].join('\n');
    const file = join(this.#folder, 'links.nft');
    await writeFile(file, `${text}\n`);
    await this.#inRouter('nft', '-f', file);
  }

  /** All that this member sends and is sent. */
  async isolate(member: number): Promise<void> {
    const others = Array.from({ length: this.#size }, (_, index) => index).filter((index) => index !== member);
    await this.cut(others.flatMap((other) => [[member, other] as const, [other, member] as const]));
  }

  /** Every packet takes this long from any member to any other. Once. */
  async delay(latencyMs: number): Promise<void> {
    const members = Array.from({ length: this.#size }, (_, index) => index);
    const links = members.flatMap((to) =>
      members.slice(0, to).map((from) => ({ from: from + 1, to: to + 1, latencyMs })),
    );
    const sites = members.map((member) => ({ dataCenter: member + 1, networks: [`10.99.${member}.0/24`] }));
    const [config, portFile] = [join(this.#folder, 'wan.json'), join(this.#folder, 'wan.port')];
    await writeFile(config, JSON.stringify({ sites, links }));
    await writeFile(portFile, '');
    this.#help(process.execPath, berth, 'dev', 'wan-emulator', '--config', config, '--port-file', portFile);
    let port = 0;
    while (port === 0) {
      await pause(20);
      port = Number(await readFile(portFile, 'utf8'));
    }
    this.#help('socat', '-b', '65536', 'TUN,tun-name=wan,tun-type=tun,iff-no-pi,iff-up', `UDP4:127.0.0.1:${port}`);
    while ((await this.#inRouter('ip', '-br', 'link').catch(() => '')).match(/^wan .*UP/m) === null) await pause(20);
    await this.#inRouter('ip', 'route', 'replace', 'default', 'dev', 'wan', 'table', table);
    for (const member of members)
      await this.#inRouter('ip', 'rule', 'add', 'iif', `v${member}`, 'lookup', table, 'priority', '100');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const helper of this.#helpers) helper.kill('SIGKILL');
    for (let member = 0; member < this.#size; member++) await this.#ip('netns', 'delete', this.#namespace(member));
    await this.#ip('netns', 'delete', this.#router);
  }

  get #router(): string {
    return `${this.#name}router`;
  }

  #namespace(member: number): string {
    return `${this.#name}${member}`;
  }

  async #plugIn(member: number): Promise<void> {
    const namespace = this.#namespace(member);
    const gateway = `10.99.${member}.1`;
    const wire = `v${member}`;
    await this.#ip('netns', 'add', namespace);
    await this.#ip(
      'link',
      'add',
      wire,
      'netns',
      this.#router,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      namespace,
    );
    await this.#ip('-n', this.#router, 'address', 'add', `${gateway}/24`, 'dev', wire);
    await this.#ip('-n', this.#router, 'link', 'set', wire, 'up');
    await this.#ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await this.#ip('-n', namespace, 'address', 'add', `${this.address(member)}/24`, 'dev', 'eth0');
    await this.#ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    await this.#ip('-n', namespace, 'route', 'add', 'default', 'via', gateway);
  }

  #help(...commandLine: readonly string[]): void {
    const helper = spawn('ip', ['netns', 'exec', this.#router, ...commandLine], { stdio: 'ignore' });
    this.#helpers.push(helper);
  }

  async #ip(...args: readonly string[]): Promise<void> {
    await run('ip', [...args]);
  }

  async #inRouter(...commandLine: readonly string[]): Promise<string> {
    return (await run('ip', ['netns', 'exec', this.#router, ...commandLine])).stdout;
  }
}

/** Of test processes that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir('/run/netns').catch(() => [])) {
    const owner = /^berth-store-(\d+)-/.exec(name)?.[1];
    if (owner === undefined) continue;
    const alive = await readdir(`/proc/${owner}`).then(
      () => true,
      () => false,
    );
    if (!alive) await run('ip', ['netns', 'delete', name]);
  }
}
