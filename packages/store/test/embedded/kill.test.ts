import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { StoreError } from '../../src/index.ts';
import { type MemberProcess, ProcessCluster } from './process-cluster.ts';

test('members that are killed under a stream of writes lose nothing that was acknowledged', {
  timeout: 90_000,
}, async () => {
  await using cluster = await ProcessCluster.start(3);
  const writers = cluster.members.map((member, index) => new Writer(member, `/w/${index}/`));
  const running = writers.map((writer) => writer.run());
  await progress(writers);
  const leader = await cluster.leader();
  await leader.kill();
  await progress(writers.filter((writer) => writer.member !== leader));
  await leader.start();
  await progress(writers);
  await Promise.all(cluster.members.map((member) => member.kill()));
  await Promise.all(cluster.members.map((member) => member.start()));
  await progress(writers);
  for (const writer of writers) writer.stop();
  await Promise.all(running);
  await cluster.leader();
  for (const [index, writer] of writers.entries()) {
    const reader = cluster.members[(index + 1) % 3] as MemberProcess;
    writer.check((await reader.ask({ kind: 'list', prefix: writer.prefix })) as Row[]);
  }
});

type Row = [key: string, value: string, version: number];

/** Writes to one member, one key after the other, and knows for each attempt what may have become of it. */
class Writer {
  readonly member: MemberProcess;
  readonly prefix: string;
  readonly #acknowledged = new Set<string>();
  readonly #unknown = new Set<string>();
  readonly #refused = new Set<string>();
  #stopped = false;

  constructor(member: MemberProcess, prefix: string) {
    this.member = member;
    this.prefix = prefix;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  async run(): Promise<void> {
    for (let i = 0; !this.#stopped; i++) {
      const key = `${this.prefix}${i}`;
      try {
        await this.member.ask({ kind: 'put', key, value: String(i) });
        this.#acknowledged.add(key);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (error.code === 'timeout') this.#unknown.add(key);
        else this.#refused.add(key);
        await realWorld.timers.sleep(20);
      }
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Every acknowledged key is there, none that was refused, and none was written twice. */
  check(rows: readonly Row[]): void {
    const found = new Set(rows.map(([key]) => key));
    expect([...this.#acknowledged].filter((key) => !found.has(key))).toEqual([]);
    expect([...this.#refused].filter((key) => found.has(key))).toEqual([]);
    expect(rows.filter(([, , version]) => version !== 1)).toEqual([]);
    const known = (key: string): boolean => this.#acknowledged.has(key) || this.#unknown.has(key);
    expect([...found].filter((key) => !known(key))).toEqual([]);
  }
}

/** Each of these writers gets twenty more writes acknowledged. */
async function progress(writers: readonly Writer[]): Promise<void> {
  const goals = writers.map((writer) => writer.acknowledged + 20);
  while (writers.some((writer, index) => writer.acknowledged < (goals[index] as number)))
    await realWorld.timers.sleep(20);
}
