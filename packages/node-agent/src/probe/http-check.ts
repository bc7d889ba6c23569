import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HTTPGetAction } from '@berth/api';
import type { HealthVerdict } from './health-check.ts';

const redirectsMax = 10;

export interface HttpTarget extends Omit<HTTPGetAction, 'port' | 'host'> {
  readonly host: string;
  readonly port: number;
}

/**
 * Asks once. Any status from 200 to 399 is good; redirects are followed on the same host, and count as good when they lead
 * elsewhere, as in Kubernetes.
 */
export async function checkHttp(target: HttpTarget, timeoutMs: number): Promise<HealthVerdict> {
  const scheme = (target.scheme ?? 'HTTP').toLowerCase();
  const path = target.path === undefined || target.path === '' ? '/' : target.path;
  let url = new URL(`${scheme}://${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`);
  url = new URL(path.startsWith('/') ? path : `/${path}`, url);
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = headersOf(target);
  try {
    for (let step = 0; step <= redirectsMax; step += 1) {
      const { statusCode = 0, headers: answered } = await fetchOnce(url, headers, signal);
      const next =
        statusCode >= 300 && statusCode < 400 && answered.location !== undefined
          ? new URL(answered.location, url)
          : undefined;
      if (next === undefined) {
        return statusCode >= 200 && statusCode < 400
          ? { ok: true }
          : { ok: false, message: `HTTP probe failed with statuscode: ${statusCode}` };
      }
      if (next.hostname !== url.hostname) return { ok: true };
      url = next;
    }
    return { ok: false, message: `Get "${url}": stopped after ${redirectsMax} redirects` };
  } catch (error) {
    return { ok: false, message: `Get "${url}": ${reasonOf(error, signal, timeoutMs)}` };
  }
}

function headersOf({ httpHeaders }: HttpTarget): Readonly<Record<string, string>> {
  return {
    'User-Agent': 'kube-probe/1.33',
    Accept: '*/*',
    Connection: 'close',
    ...Object.fromEntries((httpHeaders ?? []).map(({ name, value }) => [name, value])),
  };
}

/** The certificate is not verified: the probe asks whether the program lives, not who it is. */
function fetchOnce(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { headers, signal, agent: false as const, rejectUnauthorized: false };
    const call = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (answer) => {
      // The status is all that counts.
      answer.on('error', () => undefined);
      answer.destroy();
      resolve(answer);
    });
    call.on('error', reject);
    call.end();
  });
}

function reasonOf(error: unknown, signal: AbortSignal, timeoutMs: number): string {
  if (signal.aborted) return `context deadline exceeded (no answer within ${timeoutMs / 1000}s)`;
  return error instanceof Error ? error.message : String(error);
}
