import { type Entry, entryKinds, entryOrigin, entryPayload } from '@berth/raft';
import { hashText } from '../world/dice.ts';
import { type Command, decodeCommand } from './command.ts';
import { SessionTable, type StoredSession } from './session-table.ts';

export interface StoredValue {
  readonly value: string;
  readonly modRevision: number;
}

/** What a command did, or why nothing. */
export type Result =
  | { readonly status: 'done'; readonly revision: number }
  | { readonly status: 'registered'; readonly session: number }
  /** The comparison failed; what was found instead. */
  | { readonly status: 'mismatch'; readonly revision: number; readonly found: StoredValue | undefined }
  | { readonly status: 'expired' }
  | { readonly status: 'fenced' };

/** One command with a session, as it went through apply. */
export interface Applied {
  readonly session: number;
  readonly sequence: number;
  readonly result: Result;
  /** False for a duplicate that got the first result again. */
  readonly executed: boolean;
}

interface Image {
  readonly revision: number;
  readonly timeMs: number;
  readonly hash: number;
  readonly fence: number;
  readonly values: readonly (readonly [string, StoredValue])[];
  readonly sessions: readonly StoredSession[];
}

/**
 * A small revisioned key-value store with sessions: the state machine of the simulated cluster. Deterministic: a function of its state and the
 * entry, and of nothing else (rule 27).
 */
export class KeyValueMachine {
  #index = 0;
  #revision = 0;
  #timeMs = 0;
  #hash = 1;
  #fence = 0;
  readonly #values = new Map<string, StoredValue>();
  readonly #sessions = new SessionTable();

  get index(): number {
    return this.#index;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Of the whole history that led here. */
  get hash(): number {
    return this.#hash;
  }

  get sessions(): SessionTable {
    return this.#sessions;
  }

  read(key: string): StoredValue | undefined {
    return this.#values.get(key);
  }

  /** Entries come in order, each once. Returns what happened to a command. */
  apply(entry: Entry): Applied | undefined {
    if (entry.index !== this.#index + 1) throw new Error(`entry ${entry.index} applied after ${this.#index}`);
    this.#index = entry.index;
    if (entry.kind !== entryKinds.command) return undefined;
    const { session, sequence, ackedBelow } = entryOrigin(entry);
    const { command, wallMs } = decodeCommand(entryPayload(entry));
    this.#timeMs = Math.max(this.#timeMs, wallMs);
    const applied = this.#once(entry, command, session, sequence, ackedBelow);
    this.#mix(entry.index, applied.executed ? 1 : 2, this.#revision, this.#timeMs % 1_000_003);
    return applied;
  }

  /** A command of a session is executed once; a duplicate gets the first result (rules 61, 62). */
  #once(entry: Entry, command: Command, session: number, sequence: number, ackedBelow: number): Applied {
    if (session === 0) {
      return { session, sequence, result: this.#execute(entry, command), executed: true };
    }
    const known = this.#sessions.find(session, sequence);
    if (known === 'expired') return { session, sequence, result: { status: 'expired' }, executed: false };
    if (known !== undefined) return { session, sequence, result: known, executed: false };
    const result = this.#execute(entry, command);
    this.#sessions.remember(session, sequence, ackedBelow, result, entry.index);
    return { session, sequence, result, executed: true };
  }

  #execute(entry: Entry, command: Command): Result {
    switch (command.op) {
      case 'register':
        this.#sessions.open(entry.index);
        return { status: 'registered', session: entry.index };
      case 'expire':
        this.#sessions.close(command.session);
        return this.#done();
      case 'fenced':
        if (command.fence !== entry.term) return { status: 'fenced' };
        this.#fence = command.fence;
        this.#revision++;
        return this.#done();
      case 'put':
        this.#revision++;
        this.#values.set(command.key, { value: command.value, modRevision: this.#revision });
        this.#mix(hashText(command.key), hashText(command.value), 0, 0);
        return this.#done();
      case 'delete':
        this.#revision++;
        this.#values.delete(command.key);
        this.#mix(hashText(command.key), 7, 0, 0);
        return this.#done();
      case 'cas': {
        const found = this.#values.get(command.key);
        if (found?.value !== command.expect) return { status: 'mismatch', revision: this.#revision, found };
        this.#revision++;
        this.#values.set(command.key, { value: command.value, modRevision: this.#revision });
        this.#mix(hashText(command.key), hashText(command.value), 1, 0);
        return this.#done();
      }
    }
  }

  #done(): Result {
    return { status: 'done', revision: this.#revision };
  }

  #mix(a: number, b: number, c: number, d: number): void {
    let hash = this.#hash;
    for (const value of [a, b, c, d]) hash = Math.imul(hash ^ value, 0x01000193) ^ (hash >>> 15);
    this.#hash = hash;
  }

  /** Everything but the place in the log, as text: the state on disk and the content of snapshots (rule 47). */
  save(): string {
    const image: Image = {
      revision: this.#revision,
      timeMs: this.#timeMs,
      hash: this.#hash,
      fence: this.#fence,
      values: [...this.#values],
      sessions: this.#sessions.save(),
    };
    return JSON.stringify(image);
  }

  static load(text: string, index: number): KeyValueMachine {
    const image = JSON.parse(text) as Image;
    const machine = new KeyValueMachine();
    machine.#index = index;
    machine.#revision = image.revision;
    machine.#timeMs = image.timeMs;
    machine.#hash = image.hash;
    machine.#fence = image.fence;
    for (const [key, value] of image.values) machine.#values.set(key, value);
    machine.#sessions.load(image.sessions);
    return machine;
  }
}
