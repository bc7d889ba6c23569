import {
  createRaft,
  type Event,
  foundingBase,
  foundingConfiguration,
  initialHardState,
  inspect,
  LogSummarizer,
  logIndex,
  memberId,
  type RaftState,
  raftOptions,
  step,
} from '../src/index.ts';
import { testMember } from './harness/scenario-cluster.ts';

/** Steps per second of the core, all events counted, on the traffic of a busy cluster of three. The floor is that of the budget table. */
const floorPerSecond = 200_000;

class Trio {
  readonly states = new Map<number, RaftState>();
  steps = 0;
  readonly #queue: { readonly to: number; readonly event: Event }[] = [];

  constructor() {
    const base = foundingBase(foundingConfiguration([testMember(1), testMember(2), testMember(3)]));
    for (const id of [1, 2, 3]) {
      const options = raftOptions({ id: memberId(id), incarnation: 1, seed: id, checksum: (bytes) => bytes.length });
      const stored = {
        hardState: initialHardState,
        base,
        log: new LogSummarizer(base).summary(),
        applied: logIndex(0),
        partialSnapshot: undefined,
        promiseLost: false,
      };
      this.states.set(id, createRaft(options, stored));
    }
    while (inspect(this.states.get(1) as RaftState).role !== 'leader') this.feed(1, { kind: 'tick', elapsedTicks: 1 });
  }

  /** Delivers the event and everything that follows from it; disks and state machines answer at once. */
  feed(to: number, event: Event): void {
    this.#queue.push({ to, event });
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      this.#step(next.to, next.event);
  }

  #step(id: number, event: Event): void {
    this.steps++;
    const { effects } = step(this.states.get(id) as RaftState, event);
    for (const effect of effects) {
      if (effect.kind === 'send')
        this.#queue.push({ to: effect.message.to, event: { kind: 'message', message: effect.message } });
      else if (effect.kind === 'persist')
        this.#queue.unshift({ to: id, event: { kind: 'persisted', seq: effect.seq } });
      else if (effect.kind === 'apply') {
        const last = effect.entries.at(-1);
        if (last !== undefined) this.#queue.push({ to: id, event: { kind: 'applied', index: last.index } });
      } else if (effect.kind === 'checkpoint')
        this.#queue.push({ to: id, event: { kind: 'checkpointed', index: effect.index } });
    }
  }
}

// Run as `node packages/raft/test/step-benchmark.ts`; exit code 1 below the floor.
const trio = new Trio();
const payload = new Uint8Array(256);
let sequence = 0;
let best = 0;
for (let round = 0; round < 20; round++) {
  const stepsBefore = trio.steps;
  const startedAt = performance.now();
  for (let i = 0; i < 5000; i++) {
    sequence++;
    trio.feed(1, { kind: 'propose', proposals: [{ session: 1, sequence, ackedBelow: sequence, payload }] });
  }
  best = Math.max(best, ((trio.steps - stepsBefore) / (performance.now() - startedAt)) * 1000);
}
const perProposal = (trio.steps / sequence).toFixed(1);
process.stdout.write(`${Math.round(best)} steps/s at best, ${perProposal} steps per proposal of 256 bytes\n`);
process.exitCode = best < floorPerSecond ? 1 : 0;
