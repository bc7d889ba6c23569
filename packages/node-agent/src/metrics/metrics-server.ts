import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsServerOptions {
  /** `host:port` on a loopback address. */
  readonly listen: string;
  readonly registry: Registry;
  /** What keeps the agent from being ready, one sentence each; empty when it is. */
  readonly notReady: () => readonly string[];
}

/** Metrics and health for this machine only: `/metrics`, `/livez`, `/readyz`. */
export class MetricsServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open({ listen, registry, notReady }: MetricsServerOptions): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const answer = (code: number, body: string, type = 'text/plain; charset=utf-8') => {
        response.writeHead(code, { 'content-type': type }).end(body);
      };
      switch (request.url) {
        case '/metrics':
          registry.metrics().then(
            (text) => answer(200, text, registry.contentType),
            () => answer(500, 'metrics could not be collected\n'),
          );
          return;
        case '/livez':
          answer(200, 'ok\n');
          return;
        case '/readyz': {
          const reasons = notReady();
          answer(reasons.length === 0 ? 200 : 503, reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n`);
          return;
        }
        default:
          answer(404, 'there are /metrics, /livez and /readyz\n');
      }
    });
    const at = listen.lastIndexOf(':');
    const host = listen.slice(0, at).replace(/^\[|\]$/g, '');
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(Number(listen.slice(at + 1)), host, () => resolve());
    });
    return new MetricsServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
