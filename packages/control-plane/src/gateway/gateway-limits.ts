/** Times of the agent gateway, in milliseconds. */
export interface GatewayLimits {
  /** What agents are told; a session costs this many messages. */
  readonly heartbeatIntervalMs: number;
  /** A session from which nothing was heard for so long is over. */
  readonly silenceMs: number;
  /** An agent that takes nothing of what it is sent for so long is cut off; it comes back and gets the latest state. */
  readonly blockedMs: number;
  /** From the opening of a session to its hello. */
  readonly helloMs: number;
  /** What agents get at shutdown to move to another server. */
  readonly goodbyeMs: number;
}

/**
 * With these a machine that vanishes without a word is noticed 1 to 1.2 s later; together with the 2 s that a node
 * may be away and the 1 s before its pods are replaced it stays at about 4 s. A killed agent is noticed at once.
 */
export const defaultGatewayLimits: GatewayLimits = {
  heartbeatIntervalMs: 300,
  silenceMs: 1_000,
  blockedMs: 10_000,
  helloMs: 5_000,
  goodbyeMs: 2_000,
};

/** How often silence is looked at. */
export const silenceTickMs = 200;
