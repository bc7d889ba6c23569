import {
  type Apply,
  type Configuration,
  createRaft,
  type Effect,
  type Entry,
  type Event,
  entryKinds,
  entryPayload,
  inspect,
  type Message,
  memberId,
  type RaftOptions,
  type RaftState,
  type RaftStatus,
  raftOptions,
  type Send,
  step,
} from '../../src/index.ts';
import { effectText } from './message-text.ts';
import { ScenarioDisk } from './scenario-disk.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A sum that notices what scenarios damage. */
export function testChecksum(bytes: Uint8Array): number {
  let sum = 1;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum;
}

type SnapshotWork = Extract<
  Effect,
  { kind: 'open-snapshot' | 'load-chunk' | 'store-chunk' | 'stage-snapshot' | 'read-entries' | 'checkpoint' }
>;

type ReadEntries = Extract<Effect, { kind: 'read-entries' }>;

/** One member of a scenario: the core, and a shell that does only what it is told to. */
export class ScenarioMember {
  readonly id: number;
  readonly disk: ScenarioDisk;
  options: Partial<RaftOptions>;
  /** Messages that wait for the disk. */
  held: Send[] = [];
  applying: Apply[] = [];
  work: SnapshotWork[] = [];
  state: string[] = [];
  appliedIndex = 0;
  /** Writes stay under way when the scenario stabilizes. */
  stuck = false;
  /** Reads and snapshots stay under way when the scenario stabilizes. */
  busy = false;
  #raft: RaftState | undefined;
  #snapshots = new Map<number, Uint8Array>();
  #nextSnapshot = 1;
  readonly #found = new WeakMap<ReadEntries, Entry[]>();

  constructor(id: number, configuration: Configuration, options: Partial<RaftOptions>) {
    this.id = id;
    this.disk = new ScenarioDisk(configuration);
    this.options = options;
  }

  get up(): boolean {
    return this.#raft !== undefined;
  }

  get status(): RaftStatus {
    if (this.#raft === undefined) throw new Error(`member ${this.id} is down`);
    return inspect(this.#raft);
  }

  start(promiseLost = false): void {
    this.disk.incarnation++;
    const options = raftOptions({
      id: memberId(this.id),
      incarnation: this.disk.incarnation,
      seed: this.id,
      checksum: testChecksum,
      ...this.options,
    });
    this.state = [...this.disk.applied.state];
    this.appliedIndex = this.disk.applied.index;
    this.#raft = createRaft(options, this.disk.stored(promiseLost));
  }

  /** What is not durable is gone, unless the writes under way happened to reach the disk. */
  crash(keepWrites: boolean): void {
    while (keepWrites && this.disk.pending.length > 0) this.disk.complete();
    this.disk.pending = [];
    this.held = [];
    this.applying = [];
    this.work = [];
    this.stuck = false;
    this.busy = false;
    this.#snapshots.clear();
    this.#raft = undefined;
  }

  /** Takes an event; returns the trace and the messages that may leave at once. */
  step(event: Event): { readonly lines: string[]; readonly messages: Message[] } {
    if (this.#raft === undefined) throw new Error(`member ${this.id} is down`);
    const { effects } = step(this.#raft, event);
    const messages: Message[] = [];
    for (const effect of effects) this.#take(effect, messages);
    return { lines: effects.map(effectText), messages };
  }

  #take(effect: Effect, messages: Message[]): void {
    switch (effect.kind) {
      case 'persist':
        this.disk.pending.push(effect);
        return;
      case 'send':
        if (effect.afterSeq === 0) messages.push(effect.message);
        else this.held.push(effect);
        return;
      case 'apply':
        this.applying.push(effect);
        return;
      case 'open-snapshot':
      case 'load-chunk':
      case 'store-chunk':
      case 'stage-snapshot':
      case 'checkpoint':
        this.work.push(effect);
        return;
      case 'read-entries':
        // What stands on the disk now is what the answer will show, however late it is.
        this.#found.set(effect, this.#read(effect));
        this.work.push(effect);
        return;
      default:
    }
  }

  /** One write becomes durable; what waited for it may leave. */
  persist(): { readonly event: Event; readonly released: Message[] } {
    const installs = this.disk.pending[0]?.install !== undefined;
    const seq = this.disk.complete();
    if (installs) {
      this.state = [...this.disk.applied.state];
      this.appliedIndex = this.disk.applied.index;
      this.applying = [];
    }
    const released = this.held.filter((send) => send.afterSeq <= seq).map((send) => send.message);
    this.held = this.held.filter((send) => send.afterSeq > seq);
    return { event: { kind: 'persisted', seq }, released };
  }

  apply(): Event | undefined {
    const slice = this.applying.shift();
    if (slice === undefined) return undefined;
    for (const entry of slice.entries) {
      if (entry.index !== this.appliedIndex + 1) throw new Error(`applied ${entry.index} after ${this.appliedIndex}`);
      this.appliedIndex = entry.index;
      if (entry.kind === entryKinds.command) this.state.push(decoder.decode(entryPayload(entry)));
    }
    return { kind: 'applied', index: (slice.entries.at(-1) as Entry).index };
  }

  /** Does one piece of the shell's other work. */
  doWork(): Event | undefined {
    const effect = this.work.shift();
    switch (effect?.kind) {
      case undefined:
        return undefined;
      case 'checkpoint': {
        const { appliedIndex } = this.status;
        this.disk.applied = { index: appliedIndex, state: this.state.slice() };
        return { kind: 'checkpointed', index: appliedIndex };
      }
      case 'read-entries': {
        const found = this.#found.get(effect) ?? [];
        const entries = found.length > 0 ? found : this.#read(effect);
        return entries.length === 0 ? undefined : { kind: 'entries-read', reader: effect.reader, entries };
      }
      case 'open-snapshot': {
        const snapshotId = this.id * 100 + this.#nextSnapshot++;
        this.#snapshots.set(snapshotId, encoder.encode(JSON.stringify(this.state)));
        return { kind: 'snapshot-opened', to: effect.to, snapshotId, index: this.status.appliedIndex };
      }
      case 'load-chunk': {
        const bytes = this.#snapshots.get(effect.snapshotId) ?? new Uint8Array(0);
        const { to, snapshotId, offset } = effect;
        const data = bytes.subarray(offset, offset + effect.maxBytes);
        const last = offset + data.length === bytes.length;
        return { kind: 'chunk-loaded', to, snapshotId, offset, data, checksum: testChecksum(data), last };
      }
      case 'store-chunk':
        return this.#storeChunk(effect);
      case 'stage-snapshot': {
        const { snapshotId } = effect.snapshot;
        const state = JSON.parse(decoder.decode(Uint8Array.from(this.disk.partialBytes))) as string[];
        this.disk.staged = { snapshotId, state };
        return { kind: 'snapshot-staged', snapshotId };
      }
    }
  }

  #read({ from, to }: ReadEntries): Entry[] {
    return this.disk.entries.filter((entry) => entry.index >= from && entry.index <= to);
  }

  #storeChunk(effect: Extract<Effect, { kind: 'store-chunk' }>): Event {
    const { snapshot, offset, data } = effect;
    if (offset === 0) this.disk.partialBytes = [];
    if (testChecksum(data) !== effect.checksum) {
      return { kind: 'chunk-stored', snapshotId: snapshot.snapshotId, nextOffset: offset };
    }
    this.disk.partialBytes.push(...data);
    this.disk.partial = { snapshot, nextOffset: offset + data.length };
    return { kind: 'chunk-stored', snapshotId: snapshot.snapshotId, nextOffset: offset + data.length };
  }
}
