import { setTimeout as pause } from 'node:timers/promises';
import { checkKey, faultByRevisions, History, type Operation } from '@berth/simulation';
import { StoreError, storeErrors } from '@berth/store';
import { expect } from 'vitest';
import type { ReadAnswer } from '../../../packages/store/test/embedded/member-process.ts';
import type { MemberProcess } from '../../../packages/store/test/embedded/process-cluster.ts';

const keys = 6;
let runs = 0;
const maxSteps = 3_000_000;

/** Clients that read, write and delete a few keys through all members, and remember what they were told. */
export class Clients {
  readonly #members: readonly MemberProcess[];
  readonly #history = new History();
  readonly #running: Promise<void>[];
  readonly #written: number[];
  /** Keys of its own: a history begins with nothing. */
  readonly #prefix = `/history/${++runs}/`;
  #stopped = false;

  constructor(members: readonly MemberProcess[], perMember = 2) {
    this.#members = members;
    this.#written = members.map(() => 0);
    const clients = members.flatMap((_, index) => Array.from({ length: perMember }, () => index));
    this.#running = clients.map((member, client) => this.#run(client, member));
  }

  /** Each of these members gets this many more writes acknowledged. */
  async progress(writes: number, members: readonly MemberProcess[] = this.#members): Promise<void> {
    const goals = members.map((member) => (this.#written[this.#members.indexOf(member)] as number) + writes);
    while (
      members.some((member, at) => (this.#written[this.#members.indexOf(member)] as number) < (goals[at] as number))
    )
      await pause(5);
  }

  /** The longest time in which no write at all was acknowledged, while there were clients. */
  get longestGapMs(): number {
    const ends = this.#history.operations
      .filter(({ call, outcome }) => call.kind === 'put' && outcome?.kind === 'written')
      .map(({ returnedUs }) => returnedUs as number)
      .sort((a, b) => a - b);
    return Math.max(...ends.slice(1).map((end, index) => end - (ends[index] as number))) / 1000;
  }

  /** Ends the clients and proves what they saw: as if there had been one store, and every write was done once. */
  async check(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    const { operations } = this.#history;
    expect(operations.filter(({ outcome }) => outcome !== undefined).length).toBeGreaterThan(100);
    expect(faultByRevisions(operations)).toBeUndefined();
    for (let key = 0; key < keys; key++) {
      const own = operations.filter((operation) => operation.key === this.#key(key));
      expect(checkKey(own, maxSteps).kind, this.#key(key)).not.toBe('not-linearizable');
    }
  }

  #key(number: number): string {
    return this.#prefix + number;
  }

  async #run(client: number, memberIndex: number): Promise<void> {
    const member = this.#members[memberIndex] as MemberProcess;
    for (let turn = 0; !this.#stopped; turn++) {
      const key = this.#key((client * 7 + turn * 5) % keys);
      const call =
        turn % 3 === 1
          ? ({ kind: 'read' } as const)
          : turn % 17 === 16
            ? ({ kind: 'delete' } as const)
            : ({ kind: 'put', value: `${client}-${turn}` } as const);
      const operation = this.#history.invoke(client, key, call, nowUs());
      try {
        operation.outcome = await ask(member, operation);
        operation.returnedUs = nowUs();
        if (call.kind === 'put') this.#written[memberIndex] = (this.#written[memberIndex] as number) + 1;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (call.kind === 'read' || storeErrors[error.code].outcome === 'not-applied')
          this.#history.withdraw(operation);
        await pause(20);
      }
      await pause(2);
    }
  }
}

async function ask(member: MemberProcess, { key, call }: Operation): Promise<Operation['outcome']> {
  switch (call.kind) {
    case 'put':
      return { kind: 'written', revision: (await member.ask({ kind: 'put', key, value: call.value })) as number };
    case 'read':
      return { kind: 'seen', ...((await member.ask({ kind: 'read', key })) as ReadAnswer) };
    default:
      // A deletion of nothing changes no revision, so it tells nothing: its outcome counts as unknown.
      await member.ask({ kind: 'delete', key });
      return undefined;
  }
}

function nowUs(): number {
  return Math.round(performance.now() * 1000);
}
