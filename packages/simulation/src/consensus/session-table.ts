import type { Result } from './key-value-machine.ts';

export interface StoredSession {
  readonly session: number;
  readonly usedAt: number;
  readonly results: readonly (readonly [number, Result])[];
  readonly ackedBelow: number;
}

interface Session {
  usedAt: number;
  ackedBelow: number;
  readonly results: Map<number, Result>;
}

/** Results of commands by session and sequence: replicated state, bounded, evicted by logged decisions only (rule 61). */
export class SessionTable {
  readonly #sessions = new Map<number, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  /** The session that was used longest ago. */
  get idlest(): number | undefined {
    let idlest: number | undefined;
    let usedAt = Number.POSITIVE_INFINITY;
    for (const [id, session] of this.#sessions) {
      if (session.usedAt >= usedAt) continue;
      usedAt = session.usedAt;
      idlest = id;
    }
    return idlest;
  }

  open(session: number): void {
    this.#sessions.set(session, { usedAt: session, ackedBelow: 1, results: new Map() });
  }

  close(session: number): void {
    this.#sessions.delete(session);
  }

  /** The first result of this command; `expired` when nobody can know any more; undefined when it was not executed yet. */
  find(session: number, sequence: number): Result | 'expired' | undefined {
    const found = this.#sessions.get(session);
    if (found === undefined) return 'expired';
    const result = found.results.get(sequence);
    if (result !== undefined) return result;
    return sequence < found.ackedBelow ? 'expired' : undefined;
  }

  remember(session: number, sequence: number, ackedBelow: number, result: Result, index: number): void {
    const found = this.#sessions.get(session);
    if (found === undefined) return;
    found.usedAt = index;
    found.results.set(sequence, result);
    found.ackedBelow = Math.max(found.ackedBelow, ackedBelow);
    for (const old of found.results.keys()) if (old < found.ackedBelow) found.results.delete(old);
  }

  save(): StoredSession[] {
    return [...this.#sessions].map(([session, { usedAt, ackedBelow, results }]) => ({
      session,
      usedAt,
      ackedBelow,
      results: [...results],
    }));
  }

  load(stored: readonly StoredSession[]): void {
    this.#sessions.clear();
    for (const { session, usedAt, ackedBelow, results } of stored) {
      this.#sessions.set(session, { usedAt, ackedBelow, results: new Map(results) });
    }
  }
}
