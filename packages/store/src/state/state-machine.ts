import { type Entry, entryKinds, entryOrigin, entryPayload } from '@berth/raft';
import { ValueSlab } from '../codec/value-slab.ts';
import { KeySpace } from '../mvcc/key-space.ts';
import type { Transaction } from '../mvcc/transaction.ts';
import type { Revision } from '../revision.ts';
import type { TxnResponse } from '../store.ts';
import type { StoreErrorCode } from '../store-error.ts';
import { unreachable } from '../unreachable.ts';
import { type Command, decodeCommand } from './command.ts';
import { SessionTable, type StoredResult } from './session-table.ts';

/** What became of one entry. */
export type Outcome =
  /** An entry of the log's own, or a repetition nobody waits for. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'txn'; readonly response: TxnResponse; readonly transaction: Transaction | undefined }
  | { readonly kind: 'compacted'; readonly to: Revision }
  | { readonly kind: 'session-opened'; readonly session: number; readonly nonce: string }
  | { readonly kind: 'hash-checked'; readonly expected: string; readonly found: string | undefined }
  | { readonly kind: 'refused'; readonly code: StoreErrorCode; readonly message: string }
  /** Was applied before with this result. */
  | { readonly kind: 'repeated'; readonly result: StoredResult }
  /** Its session is gone, so whether it was applied before cannot be known: it was not applied now. */
  | { readonly kind: 'session-expired' };

const nothing: Outcome = { kind: 'nothing' };
/** The state hash after the entry at `index`. */
export interface HashMark {
  readonly index: number;
  readonly hash: string;
}

/** Own hashes kept for comparison with the leader's. */
const hashesKept = 64;

/**
 * The replicated state: key space and sessions. `apply` is a pure function of state and entry; it fails for bytes it does not know,
 * and then this server must stop, for it must not skip.
 */
export class StateMachine {
  readonly space: KeySpace = new KeySpace();
  readonly sessions: SessionTable = new SessionTable();
  readonly #slab = new ValueSlab();
  readonly #hashes = new Map<number, string>();
  #lastHash: HashMark = { index: 0, hash: '' };

  apply(entry: Entry): Outcome {
    if (entry.kind !== entryKinds.command) return nothing;
    const command = decodeCommand(entryPayload(entry), this.#slab);
    const { session, sequence, ackedBelow } = entryOrigin(entry);
    if (session === 0) return this.#execute(command, entry);
    const known = this.sessions.lookup(session, sequence);
    if (known.kind === 'repeated') return known;
    if (known.kind === 'expired') return { kind: 'session-expired' };
    if (known.kind === 'forgotten') return nothing;
    this.sessions.acknowledge(session, ackedBelow);
    const outcome = this.#execute(command, entry);
    this.sessions.record(session, sequence, entry.index, resultOf(outcome, this.space.revision));
    return outcome;
  }

  /** What the last `check-hash` found here; the next one carries the leader's. */
  get lastHash(): HashMark {
    return this.#lastHash;
  }

  #execute(command: Command, entry: Entry): Outcome {
    switch (command.kind) {
      case 'txn':
        return this.#txn(command, entry.term);
      case 'compact':
        return this.#compact(command.to);
      case 'open-session':
        this.space.begin(command.wallMs);
        this.sessions.open(entry.index);
        return { kind: 'session-opened', session: entry.index, nonce: command.nonce };
      case 'check-hash': {
        const found = this.#hashes.get(command.index);
        this.#noteHash(entry.index);
        return { kind: 'hash-checked', expected: command.hash, found };
      }
      default:
        return unreachable(command);
    }
  }

  #noteHash(index: number): void {
    this.#lastHash = { index, hash: this.space.stateHash };
    this.#hashes.set(index, this.#lastHash.hash);
    if (this.#hashes.size <= hashesKept) return;
    const [oldest] = this.#hashes.keys();
    if (oldest !== undefined) this.#hashes.delete(oldest);
  }

  #txn({ wallMs, fenceTerm, request }: Extract<Command, { kind: 'txn' }>, term: number): Outcome {
    if (fenceTerm !== undefined && fenceTerm !== term)
      return { kind: 'refused', code: 'fenced', message: `decided in reign ${fenceTerm}, but now is reign ${term}` };
    return { kind: 'txn', ...this.space.apply(request, wallMs) };
  }

  #compact(to: Revision): Outcome {
    const { revision, compactRevision } = this.space;
    if (to <= compactRevision) {
      const message = `revision ${to} is forgotten, history begins at ${compactRevision}`;
      return { kind: 'refused', code: 'compacted', message };
    }
    if (to > revision) {
      const message = `revision ${to} does not exist yet, the present is ${revision}`;
      return { kind: 'refused', code: 'future-revision', message };
    }
    this.space.compact(to);
    return { kind: 'compacted', to };
  }
}

function resultOf(outcome: Outcome, revision: Revision): StoredResult {
  if (outcome.kind === 'refused') return { outcome: outcome.code, revision };
  if (outcome.kind === 'txn' && !outcome.response.succeeded) return { outcome: 'failed', revision };
  return { outcome: 'succeeded', revision };
}
