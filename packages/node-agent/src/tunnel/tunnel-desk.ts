import { ApiError } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { type LogTunnelOptions, refuseTunnel, serveLogs } from './log-tunnel.ts';

/** Requests served at once; one more is refused. */
export const tunnelsMax = 200;

/** Serves what servers ask of this node, each request over a tunnel of its own; what is not served gets an answer that says why. */
export class TunnelDesk {
  readonly #source: LogTunnelOptions;
  #open = 0;

  constructor(source: LogTunnelOptions) {
    this.#source = source;
  }

  open({ tunnelId, request }: agentV1.OpenTunnel, client: agentV1.AgentGatewayClient): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      void refuseTunnel(client, tunnelId, refusal);
      return;
    }
    if (request === undefined) return;
    this.#open += 1;
    void serveLogs(this.#source, client, tunnelId, request.value).finally(() => {
      this.#open -= 1;
    });
  }

  #refusal(request: agentV1.OpenTunnel['request']): ApiError | undefined {
    if (request === undefined) return new ApiError('BadRequest', 'the agent of this node does not know this request');
    if (this.#open < tunnelsMax) return undefined;
    const message = `the agent of this node serves ${tunnelsMax} requests at once, and all are taken: try again later`;
    return new ApiError('TooManyRequests', message);
  }
}
