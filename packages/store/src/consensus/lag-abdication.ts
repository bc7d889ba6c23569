import type { MemberId, RaftStatus } from '@berth/raft';

/** Beyond this part of the election timeout a leader is at the edge of being taken for dead. */
const lagShareMax = 0.25;
/** Timeouts of tests are so short that any busy machine exceeds a part of them. */
const lagMsMin = 250;
/** An heir must be better by this much, or the office would only wander about. */
const heirFactor = 0.5;
const againMs = 60_000;

/** What has to be known of the core. */
export type Reign = Pick<RaftStatus, 'role' | 'transferee' | 'configuration' | 'peers'>;

export interface LagAbdicationPort {
  readonly electionMs: number;
  readonly electionTicks: number;
  nowMs(): number;
  loopLagMs(): number;
  /** Undefined when it is not known. */
  loopLagMsOf(peer: MemberId): number | undefined;
}

/**
 * A leader whose thread lags all the time hands over to a voter that does not, before the others take it for dead. Single pauses are not worth a change
 * of leaders ([decision](../../../../docs/decisions/0021-lag-is-not-a-pause.md)).
 */
export class LagAbdication {
  readonly #port: LagAbdicationPort;
  #lastMs = Number.NEGATIVE_INFINITY;
  count = 0;

  constructor(port: LagAbdicationPort) {
    this.#port = port;
  }

  /** To whom to hand over now; undefined when all is well, when nobody is better off, or when it was done less than a minute ago. */
  heir(status: Reign): MemberId | undefined {
    const { electionMs, loopLagMs, nowMs } = this.#port;
    const lagMs = loopLagMs();
    if (lagMs <= Math.max(lagMsMin, electionMs * lagShareMax)) return undefined;
    if (nowMs() - this.#lastMs < againMs) return undefined;
    const heir = this.#healthiest(status, lagMs * heirFactor);
    if (heir === undefined) return undefined;
    this.#lastMs = nowMs();
    this.count += 1;
    return heir;
  }

  #healthiest(status: Reign, lagMsMax: number): MemberId | undefined {
    const { role, transferee, configuration, peers } = status;
    if (role !== 'leader' || transferee !== undefined) return undefined;
    const contactTicksMax = this.#port.electionTicks / 2;
    const fit = peers.filter(
      (peer) =>
        configuration.voters.includes(peer.id) &&
        peer.state === 'replicate' &&
        peer.contactTicks < contactTicksMax &&
        !peer.quarantined &&
        !peer.diskLow &&
        (this.#port.loopLagMsOf(peer.id) ?? Number.POSITIVE_INFINITY) <= lagMsMax,
    );
    // Writes wait until the heir has the whole log: the less is missing, the better.
    return fit.sort((a, b) => b.match - a.match)[0]?.id;
  }
}
