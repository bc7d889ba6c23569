import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type MemoryStore, memoryStore } from '@berth/store';
import { realWorld, type World } from '@berth/world';
import { parse } from 'yaml';
import type { OpenServerStore } from '../../src/composition/server-store.ts';
import { type Server, startServer } from '../../src/server.ts';
import { parseServerOptions } from '../../src/server-options.ts';
import type { AgentIdentity } from '../gateway/scripted-agent.ts';

/** Free loopback ports, all different: held open together before they are given away. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const listeners = Array.from({ length: count }, () => createServer());
  await Promise.all(listeners.map((listener) => new Promise<void>((open) => listener.listen(0, '127.0.0.1', open))));
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => new Promise((closed) => listener.close(closed))));
  return ports;
}

export interface ServerArguments {
  readonly name: string;
  readonly dataDir: string;
  readonly ports: readonly number[];
  readonly flags?: readonly string[];
  readonly openStore?: OpenServerStore;
  readonly world?: World;
}

/** A whole server on loopback. Ports: API, gateway, peers. */
export async function startTestServer({ flags = [], openStore, world, ...server }: ServerArguments): Promise<Server> {
  const { dataDir, name } = server;
  const [api, gateway, peer] = server.ports;
  const argv = ['--name', name, '--data-dir', dataDir, '--log-level', 'silent'];
  argv.push(
    '--listen',
    `127.0.0.1:${api}`,
    '--gateway-listen',
    `127.0.0.1:${gateway}`,
    '--peer-listen',
    `127.0.0.1:${peer}`,
  );
  const options = parseServerOptions([...argv, ...flags], { readFile: (path) => readFileSync(path, 'utf8') });
  return await startServer(options, {
    ...(openStore === undefined ? {} : { openStore }),
    ...(world === undefined ? {} : { world }),
  });
}

/** A store in memory; `store` is a hand on its leadership. */
export function inMemory(): { readonly openStore: OpenServerStore; readonly store: () => MemoryStore } {
  let store: MemoryStore | undefined;
  return {
    openStore: async ({ addresses }) => {
      store = memoryStore(realWorld, { member: { memberId: '1', ...addresses } });
      return { store, memberId: '1', addMember: async () => undefined, abdicate: async () => undefined };
    },
    store: () => store as MemoryStore,
  };
}

export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'berth-server-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The fields that tests look at, of whatever kind the answer is. */
export interface AnswerBody {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly token: string;
  readonly message: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly spec: { readonly podCIDR?: string; readonly nodeName?: string; readonly taints?: readonly unknown[] };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
  readonly items: readonly {
    readonly name: string;
    readonly zone?: string;
    readonly role: string;
    readonly leads: boolean;
  }[];
  readonly leader: string;
}

export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
}

export interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the API; without an identity it has no certificate. */
export class ApiClient {
  readonly #url: string;
  readonly #identity: Partial<AgentIdentity>;

  constructor(url: string, identity: Partial<AgentIdentity>) {
    this.#url = url;
    this.#identity = identity;
  }

  static async admin(server: Pick<Server, 'url' | 'kubeconfigPath'>): Promise<ApiClient> {
    return new ApiClient(server.url, await adminIdentity(server.kubeconfigPath));
  }

  get(path: string): Promise<Answer> {
    return this.send(path, {});
  }

  async send(path: string, { body, headers, method = 'GET' }: Request): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { caCertificate, certificate, privateKey } = this.#identity;
    const call = request(
      this.#url + path,
      {
        method,
        agent: false,
        ...(caCertificate === undefined ? { rejectUnauthorized: false } : { ca: caCertificate }),
        cert: certificate,
        key: privateKey,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(text) }));
      },
    );
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
    return await promise;
  }

  /** Writes the body of an answer to a stream as it comes. */
  async download(path: string, to: Writable): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { caCertificate: ca, certificate: cert, privateKey: key } = this.#identity;
    request(this.#url + path, { agent: false, ca, cert, key }, resolve)
      .on('error', reject)
      .end();
    await pipeline(await promise, to);
  }

  /** Asks until the answer is as wanted. */
  async until(path: string, holds: (answer: Answer) => boolean): Promise<Answer> {
    for (;;) {
      const answer = await this.get(path);
      if (holds(answer)) return answer;
      await realWorld.timers.sleep(20);
    }
  }
}

async function adminIdentity(kubeconfigPath: string): Promise<AgentIdentity> {
  const { clusters, users } = parse(await readFile(kubeconfigPath, 'utf8'));
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return {
    caCertificate: text(clusters[0].cluster['certificate-authority-data']),
    certificate: text(users[0].user['client-certificate-data']),
    privateKey: text(users[0].user['client-key-data']),
  };
}

/** Text that is no JSON is answered as it is. */
function parsed(text: string): AnswerBody {
  try {
    return JSON.parse(text);
  } catch {
    return text as unknown as AnswerBody;
  }
}
