import { type Entry, entryFrameHeaderBytes } from '@berth/raft';
import { Violation } from './violation.ts';

/** Identity of an entry: its place and the checksum its leader gave it. */
function fingerprint(entry: Entry): number {
  const { frame } = entry;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  return view.getUint32(frame.length - 4) + frame.length + entryFrameHeaderBytes;
}

interface Known {
  readonly term: number;
  readonly print: number;
  /** State hash after it, once some member has applied it. */
  hash: number | undefined;
}

interface Written {
  readonly print: number;
  readonly previousTerm: number;
}

/** The one history all members must agree on: what was committed, and that equal places in logs hold equal entries. */
export class CanonicalLog {
  /** By index. */
  readonly #committed = new Map<number, Known>();
  /** By index and term: log matching. */
  readonly #written = new Map<number, Map<number, Written>>();
  #highestCommit = 0;
  /** What each reign has decided: its term to the highest index, and that entry's term. */
  readonly #decided = new Map<number, { readonly index: number; readonly term: number }>();

  get commitIndex(): number {
    return this.#highestCommit;
  }

  /** The highest entry that a reign before `term` has decided: every leader from `term` on must hold it. */
  decidedBefore(term: number): { readonly index: number; readonly term: number } | undefined {
    let highest: { readonly index: number; readonly term: number } | undefined;
    for (const [reign, entry] of this.#decided) {
      if (reign < term && entry.index > (highest?.index ?? 0)) highest = entry;
    }
    return highest;
  }

  has(index: number): boolean {
    return this.#committed.has(index);
  }

  termAt(index: number): number | undefined {
    return this.#committed.get(index)?.term;
  }

  /** A member has written an entry behind one of `previousTerm`: the same place in the same term holds the same entry everywhere. */
  written(member: number, entry: Entry, previousTerm: number): void {
    let terms = this.#written.get(entry.index);
    if (terms === undefined) {
      terms = new Map();
      this.#written.set(entry.index, terms);
    }
    const print = fingerprint(entry);
    const known = terms.get(entry.term);
    if (known === undefined) terms.set(entry.term, { print, previousTerm });
    else if (known.print !== print || known.previousTerm !== previousTerm) {
      throw new Violation('log matching', `member ${member} wrote another entry ${entry.index} of term ${entry.term}`);
    }
  }

  /** A member takes the entry of `term` at `index` for committed, in the reign of this term. */
  committed(member: number, index: number, term: number, reign: number): void {
    const known = this.#committed.get(index);
    if (known === undefined) {
      const print = this.#written.get(index)?.get(term)?.print ?? 0;
      this.#committed.set(index, { term, print, hash: undefined });
    } else if (known.term !== term) {
      throw new Violation(
        'committed for ever',
        `member ${member} committed ${index} of term ${term}, it was of ${known.term}`,
      );
    }
    if (index > this.#highestCommit) {
      this.#highestCommit = index;
      this.#decided.set(reign, { index, term });
    }
  }

  /** A member has applied an entry and stands at this state. */
  applied(member: number, entry: Entry, hash: number): void {
    const known = this.#committed.get(entry.index);
    if (known === undefined)
      throw new Violation('apply only what is committed', `member ${member} applied ${entry.index}`);
    if (known.term !== entry.term || (known.print !== 0 && known.print !== fingerprint(entry))) {
      throw new Violation('committed for ever', `member ${member} applied another entry ${entry.index}`);
    }
    known.hash ??= hash;
    if (known.hash !== hash) {
      throw new Violation('equal states', `member ${member} differs after entry ${entry.index}`);
    }
  }

  /** The state a snapshot brought. */
  installed(member: number, index: number, hash: number): void {
    const known = this.#committed.get(index);
    if (known?.hash !== undefined && known.hash !== hash) {
      throw new Violation('equal states', `member ${member} installed another state at ${index}`);
    }
  }
}
