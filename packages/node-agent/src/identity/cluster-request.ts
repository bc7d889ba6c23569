import { request } from 'node:https';
import type { PeerCertificate } from 'node:tls';

/** Joining or renewing failed; the message is a sentence for the user. */
export class JoinError extends Error {
  /** True when the same request may succeed later: nobody answered, no quorum, too many attempts. */
  readonly retry: boolean;

  constructor(message: string, options: { readonly retry: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'JoinError';
    this.retry = options.retry;
  }
}

export interface ClusterRequest {
  /** `https://host:port`. */
  readonly server: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly body?: object;
  readonly trust: ClusterTrust;
  /** Gives up early. */
  readonly signal?: AbortSignal;
}

export type ClusterTrust =
  | { readonly rejectUnauthorized: false }
  | {
      readonly ca: string;
      readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
      readonly key?: string;
      readonly cert?: string;
    };

const timeoutMs = 10_000;
const answerBytesMax = 2 ** 20;

/** One request on a connection of its own: what was verified for another one does not count. Rejects with a `JoinError`. */
export async function clusterRequest(asked: ClusterRequest): Promise<Readonly<Record<string, unknown>>> {
  const url = serverUrl(asked.server);
  const { status, text } = await exchange(new URL(asked.path, url), asked);
  const body = parseObject(text);
  if (status === 200 && body !== undefined) return body;
  const message =
    typeof body?.['message'] === 'string' ? body['message'] : `${url.host} answered with status ${status}`;
  throw new JoinError(message, { retry: status === 429 || status >= 500 });
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return url;
  const message = `the address of a server must look like "https://10.0.0.1:6443", got ${JSON.stringify(text)}`;
  throw new JoinError(message, { retry: false });
}

function exchange(
  url: URL,
  { method, body, trust, signal }: ClusterRequest,
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const fail = (error: Error) => {
    reject(new JoinError(`cannot reach ${url.host}: ${error.message}`, { retry: true, cause: error }));
  };
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const timeout = AbortSignal.timeout(timeoutMs);
  const limit = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const options = { method, agent: false as const, headers, signal: limit, ...trust };
  const call = request(url, options, (answer) => {
    const chunks: Buffer[] = [];
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= answerBytesMax) chunks.push(chunk);
      else answer.destroy(new Error(`the answer is larger than ${answerBytesMax} bytes`));
    });
    answer.on('error', fail);
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
  });
  call.on('error', fail);
  call.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
