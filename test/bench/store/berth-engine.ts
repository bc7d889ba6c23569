import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Admission, dataDirectoryId } from '@berth/store';
import { realWorld } from '@berth/world';
import { TestAuthority } from '../../../packages/store/test/certificates.ts';
import type { Launcher } from '../../../packages/store/test/embedded/process-cluster.ts';
import { freePort } from '../../../packages/store/test/free-port.ts';
import type { MemberQuestion } from './berth-member.ts';
import { BerthProcess, type Composition } from './berth-process.ts';
import { anywhere, type Engine, type EngineSite, electionMs, heartbeatMs, size } from './engine.ts';

/** What the core tells of itself comes once a second. */
const newsMs = 1_500;

/** Members speak mutual TLS with each other, as always; clients come in without, as with etcd here. */
export class BerthEngine implements Engine {
  readonly name = 'Berth';
  readonly #site: EngineSite;
  readonly #authority: TestAuthority;
  readonly #composition: Composition;
  readonly #members: BerthProcess[] = [];

  private constructor(site: EngineSite, authority: TestAuthority, composition: Composition) {
    this.#composition = composition;
    this.#site = site;
    this.#authority = authority;
  }

  static async start(site: EngineSite, composition: Composition = 'store'): Promise<BerthEngine> {
    const engine = new BerthEngine(site, await TestAuthority.create(), composition);
    const first = await engine.#plan();
    await first.start({ kind: 'bootstrap' });
    for (let i = 1; i < size; i++) await engine.#admit();
    return engine;
  }

  get endpoints(): readonly string[] {
    return this.#members.map(({ setup }) => setup.client);
  }

  get pids(): readonly number[] {
    return this.#members.flatMap(({ pid }) => pid ?? []);
  }

  place(member: number): Launcher {
    return this.#at(member).launch;
  }

  async leader(): Promise<number> {
    for (;;) {
      for (const [index, member] of this.#members.entries()) {
        if (member.pid !== undefined && (await member.ask({ kind: 'leads' })) === true) return index;
      }
      await pause(20);
    }
  }

  async term(): Promise<number> {
    await pause(newsMs);
    return (await this.ask(await this.leader(), { kind: 'term' })) as number;
  }

  async kill(member: number): Promise<void> {
    await this.#at(member).kill();
  }

  async start(member: number): Promise<void> {
    await this.#at(member).start();
  }

  freeze(member: number): void {
    this.#at(member).signal('SIGSTOP');
  }

  thaw(member: number): void {
    this.#at(member).signal('SIGCONT');
  }

  async transfer(from: number, to: number): Promise<void> {
    await this.ask(from, { kind: 'transfer', to: this.#at(to).name });
  }

  async join(): Promise<void> {
    await this.#admit();
  }

  async leave(): Promise<void> {
    const member = this.#members.at(-1) as BerthProcess;
    let leader = await this.leader();
    if (this.#at(leader) === member) {
      await this.transfer(leader, 0);
      leader = await this.leader();
    }
    await this.ask(leader, { kind: 'remove', name: member.name });
    await member.kill();
    this.#members.pop();
    await rm(member.setup.options.dataDirectory, { recursive: true });
  }

  async ask(member: number, question: MemberQuestion): Promise<unknown> {
    return await this.#at(member).ask(question);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()));
  }

  #at(member: number): BerthProcess {
    return this.#members[member] as BerthProcess;
  }

  async #plan(): Promise<BerthProcess> {
    const index = this.#members.length;
    const { host = '127.0.0.1', launch = anywhere } = this.#site.dwelling?.(index) ?? {};
    const name = `server-${index + 1}`;
    const options = {
      dataDirectory: join(this.#site.folder, name),
      member: { name, apiAddress: '', gatewayAddress: '', peerAddress: `${host}:${await freePort()}` },
      tls: await this.#authority.server(name),
      timings: { tickMs: 50, heartbeatMs, electionMs },
    };
    const member = new BerthProcess({ options, client: `${host}:${await freePort()}` }, launch, this.#composition);
    this.#members.push(member);
    return member;
  }

  /** Until it is a voter like the others. */
  async #admit(): Promise<void> {
    const leader = await this.leader();
    const member = await this.#plan();
    const { options } = member.setup;
    const directory = await dataDirectoryId(options.dataDirectory, realWorld.random);
    const admission = await this.ask(leader, { kind: 'add', member: { ...options.member, directory } });
    await member.start({ kind: 'join', admission: admission as Admission });
    while ((await this.ask(leader, { kind: 'voters' })) !== this.#members.length) await pause(50);
  }
}
