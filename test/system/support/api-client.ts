import { Agent, type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Cluster } from './cluster.ts';
import { lines } from './object-watch.ts';

/** PEM texts. Without a certificate nobody knows who asks. */
export interface Credentials {
  readonly ca: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface ApiAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed when it is JSON. */
  readonly body: unknown;
}

/** The part of a Status that tests look at. */
export interface StatusView {
  readonly kind: 'Status';
  readonly status: 'Success' | 'Failure';
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: {
    readonly causes?: readonly { readonly field?: string; readonly reason?: string; readonly message?: string }[];
  };
}

const defaultTimeoutMs = 10_000;

/** Speaks to one server directly, below kubectl: for bodies that kubectl would not send, and for many requests a second. */
export class ApiClient implements Disposable {
  readonly #server: URL;
  readonly #agent: Agent;

  /** `server` is `https://host:port`. */
  constructor(server: string, { ca, certificate, key }: Credentials) {
    this.#server = new URL(server);
    this.#agent = new Agent({ keepAlive: true, ca, ...(certificate === undefined ? {} : { cert: certificate, key }) });
  }

  /** Any answer resolves, whatever its code; rejects when there is none. */
  ask({ method = 'GET', path, body, headers = {}, timeoutMs = defaultTimeoutMs }: ApiRequest): Promise<ApiAnswer> {
    const isText = typeof body === 'string';
    const sent = body === undefined || isText ? body : JSON.stringify(body);
    const type = sent === undefined ? {} : { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const asked = request(this.#target(path, { method, headers: { ...type, ...headers } }), (response) => {
        text(response).then((answer) => {
          const isJson = String(response.headers['content-type']).includes('json');
          resolve({
            code: response.statusCode ?? 0,
            headers: response.headers,
            body: isJson ? JSON.parse(answer) : answer,
          });
        }, reject);
      });
      asked.setTimeout(timeoutMs, () =>
        asked.destroy(new Error(`${method} ${path}: no answer within ${timeoutMs} ms`)),
      );
      asked.on('error', reject);
      asked.end(sent);
    });
  }

  /** Calls `take` for every line of a stream; resolves or rejects when the stream ends. */
  stream(path: string, take: (line: string) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const asked = request({ ...this.#target(path, {}), signal }, (response) => {
        if (response.statusCode !== 200) {
          text(response).then((said) => reject(new Error(`${path}: ${response.statusCode} ${said}`)), reject);
          return;
        }
        response.setEncoding('utf8').on('data', lines(take));
        response.on('end', resolve).on('error', reject);
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #target(path: string, options: RequestOptions): RequestOptions {
    const { hostname, port } = this.#server;
    return { hostname, port, path, agent: this.#agent, ...options };
  }
}

interface RawKubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

/** The administrator's certificate, out of the kubeconfig. */
export async function adminCredentials({
  kubectl,
}: Cluster): Promise<Credentials & { readonly certificate: string; readonly key: string }> {
  const config = JSON.parse(await kubectl.run('config', 'view', '--raw', '--output', 'json')) as RawKubeconfig;
  const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  const { user } = config.users[0];
  return {
    ca: decoded(config.clusters[0].cluster['certificate-authority-data']),
    certificate: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}

/** `https://host:port` of every server, in the order of their names. */
export async function serverUrls(cluster: Cluster): Promise<readonly string[]> {
  const { items } = await cluster.servers();
  return items.map(({ apiAddress }) => `https://${apiAddress}`);
}
