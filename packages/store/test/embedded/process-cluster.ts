import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realWorld } from '@berth/world';
import {
  type Admission,
  type CoreTimings,
  dataDirectoryId,
  type EmbeddedStoreOptions,
  StoreError,
  type StoreErrorCode,
} from '../../src/index.ts';
import { TestAuthority } from '../certificates.ts';
import '../compile-cache.ts';
import { testTimings } from '../embedded-cluster.ts';
import { freePort } from '../free-port.ts';
import { testFolder } from '../test-folder.ts';
import type { MemberAnswer, MemberRequest } from './member-process.ts';

type Options = Omit<EmbeddedStoreOptions, 'world'>;

const program = fileURLToPath(new URL('./member-process.ts', import.meta.url));

const lastWordsMax = 4096;

/** Starts a program in surroundings of its own: the command line that ends in the one given. */
export type Launcher = (commandLine: readonly string[]) => readonly [command: string, ...args: string[]];

/** A member in a process of its own. */
export class MemberProcess {
  readonly options: Options;
  readonly #launch: Launcher;
  #child: ChildProcess | undefined;
  /** Why it ended, when nobody asked it to. */
  #died: string | undefined;
  readonly #waiting = new Map<number, (answer: MemberAnswer) => void>();
  #nextId = 1;

  constructor(options: Options, launch: Launcher = ([command = '', ...args]) => [command, ...args]) {
    this.options = options;
    this.#launch = launch;
  }

  /** Resolves when it takes part. */
  async start(found?: Options['found']): Promise<void> {
    const options = found === undefined ? this.options : { ...this.options, found };
    const [command, ...args] = this.#launch([process.execPath, program, 'serve', JSON.stringify(options)]);
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-lastWordsMax);
    });
    const started = new Promise<MemberAnswer>((resolve) => this.#waiting.set(0, resolve));
    child.on('message', ({ id, answer }: { id: number; answer: MemberAnswer }) => {
      // Started again by its launcher: the one before has taken its answers along.
      if (id === 0 && !this.#waiting.has(0)) this.#lost();
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    child.on('exit', (code, signal) => {
      this.#lost();
      // Whoever waits for such a member to go on would wait for ever.
      if (this.#child === child) this.#died = `the member ended by itself (${code ?? signal}): ${words}`;
    });
    const answer = await started;
    if (answer.kind === 'failed') throw new Error(`the member did not start: ${this.#died ?? answer.message}`);
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Throws what the store threw; `timeout` when the member dies meanwhile. */
  async ask(request: MemberRequest): Promise<unknown> {
    const child = this.#child;
    if (this.#died !== undefined) throw new Error(this.#died);
    if (child === undefined) throw new StoreError('unavailable', 'the member is not running');
    const id = this.#nextId++;
    const answer = await new Promise<MemberAnswer>((resolve) => {
      this.#waiting.set(id, resolve);
      child.send({ id, request });
    });
    if (answer.kind === 'failed') throw new StoreError(answer.code as StoreErrorCode, answer.message);
    return answer.value;
  }

  #lost(): void {
    for (const settle of this.#waiting.values())
      settle({ kind: 'failed', code: 'timeout', message: 'the member was killed' });
    this.#waiting.clear();
  }

  /** Freezes it, as a machine that is suspended or swaps. A frozen member can be killed. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Without any warning. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

/** Where a member of a cluster lives. */
export interface Dwelling {
  /** Address at which the others reach it. Default: the loopback one. */
  readonly host?: string;
  readonly launch?: Launcher;
}

export interface ProcessClusterOptions {
  /** Default: quick ones. */
  readonly timings?: Partial<CoreTimings>;
  readonly log?: Options['log'];
  dwelling?(index: number): Dwelling;
}

/** A cluster of real processes. */
export class ProcessCluster implements AsyncDisposable {
  readonly members: MemberProcess[] = [];
  readonly #folder: string;
  readonly #authority: TestAuthority;
  readonly #options: ProcessClusterOptions;

  private constructor(folder: string, authority: TestAuthority, options: ProcessClusterOptions) {
    this.#folder = folder;
    this.#authority = authority;
    this.#options = options;
  }

  static async start(size: number, options: ProcessClusterOptions = {}): Promise<ProcessCluster> {
    const cluster = new ProcessCluster(await testFolder('processes'), await TestAuthority.create(), options);
    const first = await cluster.#member();
    await first.start({ kind: 'bootstrap' });
    while ((await first.ask({ kind: 'leads' })) !== 'leader') await realWorld.timers.sleep(20);
    for (let i = 1; i < size; i++) {
      const member = await cluster.#member();
      const directory = await dataDirectoryId(member.options.dataDirectory, realWorld.random);
      const asked = await first.ask({ kind: 'add', member: { ...member.options.member, directory } });
      await member.start({ kind: 'join', admission: asked as Admission });
    }
    // A member that is still learning cannot stand in for one that is killed.
    while ((await first.ask({ kind: 'voters' })) !== size) await realWorld.timers.sleep(20);
    return cluster;
  }

  /** The first of these that leads. */
  async leader(among: readonly MemberProcess[] = this.members): Promise<MemberProcess> {
    for (;;) {
      for (const member of among) {
        if (member.running && (await member.ask({ kind: 'leads' })) === 'leader') return member;
      }
      await realWorld.timers.sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #member(): Promise<MemberProcess> {
    const name = `server-${this.members.length + 1}`;
    const { host = '127.0.0.1', launch } = this.#options.dwelling?.(this.members.length) ?? {};
    const { timings = testTimings, log } = this.#options;
    const member = new MemberProcess(
      {
        dataDirectory: join(this.#folder, name),
        member: { name, apiAddress: '', gatewayAddress: '', peerAddress: `${host}:${await freePort()}` },
        tls: await this.#authority.server(name),
        timings,
        ...(log === undefined ? {} : { log }),
      },
      launch,
    );
    this.members.push(member);
    return member;
  }
}
