import { request } from 'node:https';
import type { PeerCertificate } from 'node:tls';
import { certificateHash } from './certificate-authority.ts';
import { serverIdentityFault } from './grpc-credentials.ts';
import type { JoinResponse, ServerAddresses } from './join-messages.ts';
import { parseJoinToken } from './join-token.ts';
import { createCertificateRequest, generateKeyPair, type KeyPairPem } from './x509.ts';

export interface JoinClusterOptions {
  /** `https://host:port` of any server. */
  readonly url: string;
  readonly token: string;
  readonly name: string;
  /** For a machine that becomes a server. */
  readonly server?: ServerAddresses;
  /** Keep it before joining and use it again: then an answer that was lost can be fetched anew. Default: a new key. */
  readonly keys?: KeyPairPem;
  /** Of each of the two requests. Default 10 s. */
  readonly timeoutMs?: number;
}

export interface Joined extends JoinResponse {
  /** PKCS #8, PEM; it never left this machine. */
  readonly privateKey: string;
}

/** Why joining failed, in a sentence for the user. */
export class JoinError extends Error {
  /** Whether the same request may succeed later: nobody answered, or no quorum, or too many attempts. */
  readonly retry: boolean;

  constructor(message: string, options: { readonly retry: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'JoinError';
    this.retry = options.retry;
  }
}

/** The client's side of docs/join-protocol.md. Rejects with a `JoinError`. */
export async function joinCluster(options: JoinClusterOptions): Promise<Joined> {
  const token = parseJoinToken(options.token);
  if (token === undefined)
    throw new JoinError('the join token must look like "berth1.<role>.<id>.<secret>.<ca-hash>"', { retry: false });
  const base = parseUrl(options.url);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const caCertificate = await fetchPinnedCa(base, token.caHash, timeoutMs);
  const keys = options.keys ?? (await generateKeyPair());
  const { name, server } = options;
  const body = JSON.stringify({
    token: options.token.trim(),
    name,
    certificateRequest: await createCertificateRequest(keys, name),
    server,
  });
  const answer = await exchange(new URL('/berth/v1/join', base), {
    method: 'POST',
    body,
    timeoutMs,
    trust: { ca: caCertificate, checkServerIdentity: (_host, certificate) => serverIdentityFault(certificate) },
  });
  if (answer.status !== 200) throw refusal(answer);
  return { ...(answer.body as JoinResponse), privateKey: keys.privateKey };
}

async function fetchPinnedCa(base: URL, wantedHash: string, timeoutMs: number): Promise<string> {
  // Nothing is trusted and nothing secret is sent: what comes back is only used if it has the token's hash.
  const answer = await exchange(new URL('/berth/v1/ca', base), {
    method: 'GET',
    timeoutMs,
    trust: { rejectUnauthorized: false },
  });
  if (answer.status !== 200) throw refusal(answer);
  const caCertificate = (answer.body as { readonly caCertificate?: unknown }).caCertificate;
  const foundHash = typeof caCertificate === 'string' ? hashIfCertificate(caCertificate) : undefined;
  if (foundHash === undefined)
    throw new JoinError(`${base.host} did not answer with a CA certificate: is it a Berth server?`, { retry: false });
  if (foundHash !== wantedHash)
    throw new JoinError(
      `the server at ${base.host} belongs to another cluster: its CA certificate has hash ${foundHash}, the token wants ${wantedHash}`,
      { retry: false },
    );
  return caCertificate as string;
}

interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly timeoutMs: number;
  readonly trust: {
    readonly rejectUnauthorized?: false;
    readonly ca?: string;
    readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const answerBytesMax = 1024 * 1024;

function exchange(url: URL, { method, body, timeoutMs, trust }: Exchange): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const unreachable = (error: Error): void =>
    reject(new JoinError(`cannot reach ${url.host}: ${error.message}`, { retry: true, cause: error }));
  const call = request(
    url,
    // One connection per exchange: the second must be verified anew, not ride on the first.
    {
      method,
      agent: false,
      ...trust,
      signal: AbortSignal.timeout(timeoutMs),
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    },
    (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > answerBytesMax) response.destroy(new Error(`the answer is larger than ${answerBytesMax} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', unreachable);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: parseJson(Buffer.concat(chunks).toString()) }),
      );
    },
  );
  call.on('error', unreachable);
  call.end(body);
  return promise;
}

function refusal(answer: Answer): JoinError {
  const message = (answer.body as { readonly message?: unknown } | undefined)?.message;
  const sentence = typeof message === 'string' ? message : `the server answered with status ${answer.status}`;
  return new JoinError(sentence, { retry: answer.status === 429 || answer.status >= 500 });
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'https:') return parsed;
  throw new JoinError(`the address of a server must look like "https://10.0.0.1:6443", got ${JSON.stringify(url)}`, {
    retry: false,
  });
}

function hashIfCertificate(pem: string): string | undefined {
  try {
    return certificateHash(pem);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
