import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EmbeddedStoreOptions } from '@berth/store';
// Members find their sources compiled at a second start, as servers do.
import '../../../packages/store/test/compile-cache.ts';
import type { Launcher } from '../../../packages/store/test/embedded/process-cluster.ts';
import type { MemberQuestion, MemberSetup } from './berth-member.ts';

/** What a member consists of: the whole store, or its consensus core alone. */
export type Composition = 'store' | 'core';

const programs: Readonly<Record<Composition, string>> = {
  store: fileURLToPath(new URL('./berth-member.ts', import.meta.url)),
  core: fileURLToPath(new URL('./core-member.ts', import.meta.url)),
};

/** A member of Berth's store in a process of its own, and the questions it answers. */
export class BerthProcess {
  readonly setup: MemberSetup;
  readonly launch: Launcher;
  readonly #program: string;
  #child: ChildProcess | undefined;
  #nextId = 1;

  constructor(setup: MemberSetup, launch: Launcher, composition: Composition) {
    this.#program = programs[composition];
    this.setup = setup;
    this.launch = launch;
  }

  get name(): string {
    return this.setup.options.member.name;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(found?: EmbeddedStoreOptions['found']): Promise<void> {
    const { options, client } = this.setup;
    const setup: MemberSetup = { client, options: found === undefined ? options : { ...options, found } };
    const [command, ...args] = this.launch([process.execPath, this.#program, JSON.stringify(setup)]);
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    await this.#reply(child, 0);
  }

  async ask(question: MemberQuestion): Promise<unknown> {
    const child = this.#child;
    if (child === undefined) return undefined;
    const id = this.#nextId++;
    const reply = this.#reply(child, id);
    child.send({ id, question });
    return await reply;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  #reply(child: ChildProcess, wanted: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        child.off('message', hear);
        child.off('exit', lost);
      };
      const lost = (): void => {
        end();
        reject(new Error(`${this.name} ended`));
      };
      const hear = ({ id, value, error }: { id: number; value?: unknown; error?: string }): void => {
        if (id !== wanted) return;
        end();
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      };
      child.on('message', hear).on('exit', lost);
    });
  }
}
