/** Asks for the output of one container. Mirrors berth.agent.v1.LogsRequest. */
export interface LogsTunnel {
  readonly kind: 'logs';
  readonly podUid: string;
  readonly container: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Lines from the end; absent: all. */
  readonly tailLines?: number;
  /** RFC 3339; absent: from the start. */
  readonly sinceTime?: string;
  readonly limitBytes?: number;
}

export type TunnelRequest = LogsTunnel;

/**
 * Runs a request on a node and streams what comes back, whichever server holds the session of its agent. Rejects with an
 * `ApiError` when the node cannot be reached or refuses; the stream throws one when it breaks off. Aborting the
 * signal ends both sides.
 */
export type OpenTunnel = (
  nodeName: string,
  request: TunnelRequest,
  signal: AbortSignal,
) => Promise<AsyncIterable<Uint8Array>>;
