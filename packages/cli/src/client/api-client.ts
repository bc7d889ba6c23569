import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ClusterAccess } from './kubeconfig.ts';

/** One fault of a refused object. */
export interface FailureCause {
  /** As validation names it: `spec.containers[0].image`. */
  readonly field?: string;
  readonly message?: string;
}

/** An answer outside 2xx: the server's Status, or what it said instead. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly causes: readonly FailureCause[];

  constructor(code: number, reason: string, message: string, causes: readonly FailureCause[] = []) {
    super(message);
    this.name = 'ApiFailure';
    this.code = code;
    this.reason = reason;
    this.causes = causes;
  }
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** A connection to one cluster. Requests share kept-alive connections; close it when done. */
export class ApiClient implements Disposable {
  /** The one that commands work in when none is named. */
  readonly namespace: string;
  readonly #access: ClusterAccess;
  readonly #agent: Agent;

  constructor(access: ClusterAccess, agent: Agent = agentOf(access)) {
    this.namespace = access.namespace;
    this.#access = access;
    this.#agent = agent;
  }

  /** The same user at another server of the cluster; shares the connections of this client and ends with it. */
  at(server: string): ApiClient {
    return new ApiClient({ ...this.#access, server }, this.#agent);
  }

  /** The parsed JSON answer; throws `ApiFailure` for anything but 2xx. */
  async json<T>(wanted: ApiRequest): Promise<T> {
    return JSON.parse(await this.text(wanted)) as T;
  }

  /** The answer as text; throws `ApiFailure` for anything but 2xx. */
  async text(wanted: ApiRequest): Promise<string> {
    return text(await this.open(wanted));
  }

  /** The answer as a stream once its head says 2xx, for logs and watches. */
  async open(wanted: ApiRequest): Promise<IncomingMessage> {
    const response = await this.#send(wanted);
    const code = response.statusCode ?? 0;
    if (code >= 200 && code < 300) return response;
    throw failure(code, await text(response));
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #send(wanted: ApiRequest): Promise<IncomingMessage> {
    const url = new URL(this.#access.server + wanted.path);
    for (const [name, value] of Object.entries(wanted.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
    const options: RequestOptions = {
      agent: this.#agent,
      method: wanted.method ?? 'GET',
      headers: {
        accept: wanted.accept ?? 'application/json',
        ...(this.#access.token === undefined ? {} : { authorization: `Bearer ${this.#access.token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': wanted.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(url, options, resolve);
      sent.on('error', (error) =>
        reject(new Error(`${this.#access.server} does not answer: ${error.message}`, { cause: error })),
      );
      sent.end(body);
    });
  }
}

function agentOf({ ca, clientCertificate, clientKey }: ClusterAccess): Agent {
  return new Agent({
    keepAlive: true,
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
    ...(clientKey === undefined ? {} : { key: clientKey }),
  });
}

interface Status {
  readonly kind?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly FailureCause[] };
}

function failure(code: number, body: string): ApiFailure {
  try {
    const { details, kind, message = body, reason = 'Unknown' } = JSON.parse(body) as Status;
    if (kind === 'Status') return new ApiFailure(code, reason, message, details?.causes ?? []);
  } catch {
    // Not a Status: show what came.
  }
  return new ApiFailure(code, 'Unknown', `HTTP ${code}: ${body.slice(0, 500)}`);
}
