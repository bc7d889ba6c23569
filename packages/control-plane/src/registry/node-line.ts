import type { Pod } from '@berth/api';
import { type Compare, type KeyRange, type KeyValue, type Operation, prefixRange, type Revision } from '@berth/store';
import type { Companions } from './guarded-write.ts';

/** A node's two keys: the opening, and the turn within it. */
export interface Turns {
  readonly opening: KeyValue | undefined;
  readonly turn: KeyValue | undefined;
}

/** A pod's place in a line. One of the two methods is called in the end. */
export interface Place {
  /** The binding is to be written only while these hold. */
  readonly companions: Companions;
  /** It was written. */
  taken(at: Revision): void;
  /** It was not, or nobody knows. */
  left(): void;
}

const text = new TextEncoder();

/** Where the keys of a node are. */
export function turnsRange(nodeName: string): KeyRange {
  return prefixRange(`/berth/scheduling/turns/${nodeName}/`);
}

export function turnsIn(nodeName: string, kvs: readonly KeyValue[]): Turns {
  const find = (wanted: string): KeyValue | undefined => kvs.find(({ key }) => key === wanted);
  return { opening: find(keyOf(nodeName, 'opening')), turn: find(keyOf(nodeName, 'turn')) };
}

/** Makes every binding to the node that is on its way look for its room again. `owner` is for people who look at the store. */
export function openAnew(nodeName: string, owner: string): Operation {
  return { kind: 'put', key: keyOf(nodeName, 'opening'), value: text.encode(owner) };
}

/** For a node that goes. */
export function forgetTurns(nodeName: string): Operation {
  return { kind: 'delete', ...turnsRange(nodeName) };
}

function keyOf(nodeName: string, name: 'opening' | 'turn'): string {
  return `/berth/scheduling/turns/${nodeName}/${name}`;
}

/**
 * Bindings of one server to one node that follow one another without waiting for their answers. The first one opens the line: it
 * writes the node's opening on condition that nobody bound anything since the room was looked at, and that ends what others have on their
 * way. The revision of the opening, known with its answer, tells this line from all others: those that follow suppose it, and raise the
 * turn by one each. When one of them fails, those behind it fail too: they counted on what it would take.
 */
export class NodeLine {
  /** By uid: pods whose bindings are on their way, or so new that the cache may not show them. */
  readonly seated: Map<string, Pod> = new Map();
  /** Resolves when the line is open, or never will be. */
  readonly opened: Promise<void>;
  readonly #nodeName: string;
  readonly #turns: Turns;
  readonly #settleAnswer: () => void;
  readonly #onEnd: () => void;
  #opening: Revision | undefined;
  #nextTurn: number;

  /** `onEnd`: nobody may follow any more. May be called more than once. */
  constructor(nodeName: string, turns: Turns, onEnd: () => void) {
    const answered = Promise.withResolvers<void>();
    this.opened = answered.promise;
    this.#settleAnswer = answered.resolve;
    this.#nodeName = nodeName;
    this.#turns = turns;
    this.#onEnd = onEnd;
    this.#nextTurn = turns.turn?.version ?? 0;
  }

  get isOpen(): boolean {
    return this.#opening !== undefined;
  }

  /** Whether the next one of this line would be the next one to bind; undecided while bindings are on their way. */
  isAt({ opening, turn }: Turns): boolean {
    return this.#opening === opening?.modRevision && this.#nextTurn === (turn?.version ?? 0);
  }

  /** `seen` resolves once the cache shows what was written at a revision; `compare` is supposed besides. */
  enter(pod: Pod, uid: string, compare: Compare, seen: (at: Revision) => Promise<void>): Place {
    const companions = this.#opening === undefined ? this.#first(uid) : this.#next(this.#opening, uid);
    this.seated.set(uid, pod);
    const leave = (isWritten: boolean): void => {
      this.seated.delete(uid);
      if (!isWritten) this.#onEnd();
    };
    return {
      companions: { ...companions, compare: [...companions.compare, compare] },
      taken: (at) => {
        this.#opening ??= at;
        this.#settleAnswer();
        const written = (): void => leave(true);
        void seen(at).then(written, written);
      },
      left: () => {
        leave(false);
        this.#settleAnswer();
      },
    };
  }

  #first(owner: string): Companions {
    const { opening, turn } = this.#turns;
    const unchanged = (name: 'opening' | 'turn', kv: KeyValue | undefined): Compare => {
      const key = keyOf(this.#nodeName, name);
      return { key, target: 'mod', is: '=', revision: kv?.modRevision ?? (0 as Revision) };
    };
    return {
      compare: [unchanged('opening', opening), unchanged('turn', turn)],
      success: [openAnew(this.#nodeName, owner)],
    };
  }

  #next(opening: Revision, owner: string): Companions {
    const turn = keyOf(this.#nodeName, 'turn');
    const version = this.#nextTurn;
    this.#nextTurn += 1;
    return {
      compare: [
        { key: keyOf(this.#nodeName, 'opening'), target: 'mod', is: '=', revision: opening },
        { key: turn, target: 'version', is: '=', version },
      ],
      success: [{ kind: 'put', key: turn, value: text.encode(owner) }],
    };
  }
}
