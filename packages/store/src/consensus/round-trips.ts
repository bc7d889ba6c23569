import type { Heartbeat, HeartbeatAnswer, MemberId, Term } from '@berth/raft';

/** Below it an answer is worth waiting for: a busy member takes as long anyway. */
const nearMs = 5;
/** Answers looked at, a few seconds of heartbeats. The quickest of them counts, since a busy machine makes the others slow. */
const remembered = 32;

interface PeerTimes {
  readonly term: Term;
  round: number;
  sentMs: number;
  readonly tookMs: number[];
  /** What was said of it. */
  near: boolean | undefined;
}

/** Finds out, as a leader, which peers are near: from how long they take to answer heartbeats. */
export class RoundTrips {
  readonly #nowMs: () => number;
  readonly #peers = new Map<MemberId, PeerTimes>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  sent({ to, term, round }: Heartbeat): void {
    let times = this.#peers.get(to);
    if (times?.term !== term) {
      times = { term, round, sentMs: 0, tookMs: [], near: undefined };
      this.#peers.set(to, times);
    }
    times.round = round;
    times.sentMs = this.#nowMs();
  }

  /** Whether the peer is near; undefined when that is not known to have changed in this term. */
  answered({ from, term, round }: HeartbeatAnswer): boolean | undefined {
    const times = this.#peers.get(from);
    if (times?.term !== term || times.round !== round) return undefined;
    times.tookMs.push(this.#nowMs() - times.sentMs);
    if (times.tookMs.length > remembered) times.tookMs.shift();
    const near = Math.min(...times.tookMs) < nearMs;
    if (near === times.near) return undefined;
    times.near = near;
    return near;
  }
}
