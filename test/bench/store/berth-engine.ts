import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Admission, dataDirectoryId, type EmbeddedStoreOptions } from '@berth/store';
import { realWorld } from '@berth/world';
import { TestAuthority } from '../../../packages/store/test/certificates.ts';
import { freePort } from '../../../packages/store/test/free-port.ts';
import type { MemberQuestion, MemberSetup } from './berth-member.ts';
import { type Engine, electionMs, heartbeatMs, size } from './engine.ts';

const program = fileURLToPath(new URL('./berth-member.ts', import.meta.url));

class Member {
  readonly setup: MemberSetup;
  #child: ChildProcess | undefined;
  #nextId = 1;

  constructor(setup: MemberSetup) {
    this.setup = setup;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(found?: EmbeddedStoreOptions['found']): Promise<void> {
    const { options, client } = this.setup;
    const setup: MemberSetup = { client, options: found === undefined ? options : { ...options, found } };
    const child = spawn(process.execPath, [program, JSON.stringify(setup)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    await this.#reply(child, 0);
  }

  async ask(question: MemberQuestion): Promise<unknown> {
    const child = this.#child;
    if (child === undefined) return undefined;
    const id = this.#nextId++;
    child.send({ id, question });
    return await this.#reply(child, id);
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
        reject(new Error(`${this.setup.options.member.name} ended`));
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

/** Members speak mutual TLS with each other, as always; clients come in without, as with etcd here. */
export async function startBerth(folder: string): Promise<Engine> {
  const authority = await TestAuthority.create();
  const members: Member[] = [];
  for (let i = 0; i < size; i++) {
    const name = `server-${i + 1}`;
    const peerAddress = `127.0.0.1:${await freePort()}`;
    const options = {
      dataDirectory: join(folder, name),
      member: { name, apiAddress: '', gatewayAddress: '', peerAddress },
      tls: await authority.server(name),
      timings: { tickMs: 50, heartbeatMs, electionMs },
    };
    const member = new Member({ options, client: `127.0.0.1:${await freePort()}` });
    members.push(member);
    if (i === 0) {
      await member.start({ kind: 'bootstrap' });
      continue;
    }
    const directory = await dataDirectoryId(options.dataDirectory, realWorld.random);
    const admission = await members[0]?.ask({ kind: 'add', member: { ...options.member, directory } });
    await member.start({ kind: 'join', admission: admission as Admission });
  }
  while ((await members[0]?.ask({ kind: 'voters' })) !== size) await pause(50);
  return engineOf(members);
}

function engineOf(members: readonly Member[]): Engine {
  const at = (index: number): Member => members[index] as Member;
  return {
    name: 'Berth',
    endpoints: members.map(({ setup }) => setup.client),
    get pids() {
      return members.flatMap(({ pid }) => pid ?? []);
    },
    async leader() {
      for (;;) {
        for (const [index, member] of members.entries()) {
          if (member.pid !== undefined && (await member.ask({ kind: 'leads' })) === true) return index;
        }
        await pause(20);
      }
    },
    kill: (member) => at(member).kill(),
    start: (member) => at(member).start(),
    transfer: async (from, to) => void (await at(from).ask({ kind: 'transfer', to: at(to).setup.options.member.name })),
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member.kill()));
    },
  };
}
