import type { Leadership } from './store.ts';

/** Who leads, and who wants to know. Listeners hear the present state at once and every change, in order. */
export class LeadershipBoard {
  readonly #listeners = new Set<(leadership: Leadership) => void>();
  #present: Leadership;

  constructor(present: Leadership) {
    this.#present = present;
  }

  get present(): Leadership {
    return this.#present;
  }

  announce(leadership: Leadership): void {
    if (sameLeadership(this.#present, leadership)) return;
    this.#present = leadership;
    for (const listener of [...this.#listeners]) listener(leadership);
  }

  listen(listener: (leadership: Leadership) => void): Disposable {
    // A wrapper, so that the same function may listen twice.
    const own = (leadership: Leadership): void => listener(leadership);
    this.#listeners.add(own);
    listener(this.#present);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }
}

function sameLeadership(a: Leadership, b: Leadership): boolean {
  if (a.kind === 'leader') return b.kind === 'leader' && a.fence.token === b.fence.token;
  if (a.kind === 'leaderless') return b.kind === 'leaderless' && a.reason === b.reason;
  return (
    b.kind === 'follower' &&
    a.leader.memberId === b.leader.memberId &&
    a.leader.apiAddress === b.leader.apiAddress &&
    a.leader.gatewayAddress === b.leader.gatewayAddress &&
    a.leader.peerAddress === b.leader.peerAddress
  );
}
