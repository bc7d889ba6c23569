import { createServer } from 'node:http';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import type { Registry } from 'prom-client';
import type { HealthCheck, Readiness } from '../http/readiness.ts';

export interface MetricsListener extends AsyncDisposable {
  readonly port: number;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether plain text may be spoken on `host`: only where nobody else can listen. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

export interface MetricsListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Registry;
  readonly readiness: Readiness;
}

/** The only port without TLS: `/metrics`, `/livez`, `/readyz` for a scraper on the same machine. */
export async function openMetricsListener(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { host, metrics, readiness } = options;
  if (!isLoopback(host))
    throw new Error(`metrics are served without TLS and must listen on a loopback address, not on ${host}`);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const finish = (code: number, body: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(code, { 'content-type': type }).end(body);
    };
    if (path === '/livez') return health(readiness.live(), finish);
    if (path === '/readyz') return health(readiness.ready(), finish);
    if (path !== '/metrics') return finish(404, 'not found: /metrics, /livez and /readyz are served here\n');
    metrics.metrics().then(
      (text) => finish(200, text, metrics.contentType),
      (error: unknown) => finish(500, `${String(error)}\n`),
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(options.port, host, resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function health(checks: readonly HealthCheck[], finish: (code: number, body: string) => void): void {
  const lines = checks.map(({ name, ok, reason }) => (ok ? `[+]${name} ok` : `[-]${name} failed: ${reason ?? ''}`));
  finish(checks.every(({ ok }) => ok) ? 200 : 500, `${lines.join('\n')}\n`);
}
