import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface KnownServer {
  readonly name: string;
  /** `host:port` of its HTTPS API. */
  readonly apiAddress: string;
  /** `host:port` of its agent gateway. */
  readonly gatewayAddress: string;
}

/** What is kept on disk of the servers. */
export interface ServerList {
  /** As a server told it last. */
  readonly current: readonly KnownServer[];
  /** Heard of before, latest first: tried when none of the others answers. */
  readonly former: readonly KnownServer[];
}

export interface ClusterSettings {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
}

/** What a node keeps of having joined: who it is, whom it trusts, where the servers are. */
export interface NodeIdentity {
  readonly nodeName: string;
  readonly clusterId: string;
  readonly privateKey: string;
  readonly certificate: string;
  readonly caCertificate: string;
  readonly servers: readonly KnownServer[];
  readonly settings: ClusterSettings;
}

/**
 * The files of a node's identity in its data directory. Each is written whole or not at all: to a temporary file, synced, renamed; only
 * their owner may read them.
 */
export class IdentityFiles {
  readonly #folder: string;
  /** One file is written at a time. */
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'identity');
  }

  /** Undefined when the node has not joined yet. Throws when the file is damaged. */
  async load(): Promise<NodeIdentity | undefined> {
    const text = await this.#read('identity.json');
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as NodeIdentity;
    } catch (error) {
      const path = join(this.#folder, 'identity.json');
      throw new Error(`${path} is damaged; remove it and join again with a token`, { cause: error });
    }
  }

  /** Key and certificate change together: one file. */
  async save(identity: NodeIdentity): Promise<void> {
    await this.#write('identity.json', `${JSON.stringify(identity, undefined, 2)}\n`);
    await rm(join(this.#folder, 'joining.key'), { force: true });
  }

  /** Undefined before the first; a damaged one counts as none, for joining has left another in the identity. */
  async loadServers(): Promise<ServerList | undefined> {
    const text = await this.#read('servers.json');
    if (text === undefined) return undefined;
    try {
      const { current, former } = JSON.parse(text) as Partial<ServerList>;
      return { current: parseServers(current), former: parseServers(former) };
    } catch {
      return undefined;
    }
  }

  async saveServers(list: ServerList): Promise<void> {
    await this.#write('servers.json', `${JSON.stringify(list, undefined, 2)}\n`);
  }

  /** Kept before joining: an answer of the server that was lost can be asked for again with the same key. */
  async saveJoiningKey(privateKey: string): Promise<void> {
    await this.#write('joining.key', privateKey);
  }

  loadJoiningKey(): Promise<string | undefined> {
    return this.#read('joining.key');
  }

  async #read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#folder, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #write(name: string, text: string): Promise<void> {
    const written = this.#writing.then(() => this.#replace(name, text));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #replace(name: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    const temporary = join(this.#folder, `.${name}.new`);
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(this.#folder, name));
  }
}

/** Those entries of a list that are servers. */
export function parseServers(value: unknown): readonly KnownServer[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: Partial<KnownServer> | null) => {
    const { name, apiAddress, gatewayAddress } = entry ?? {};
    if (typeof name !== 'string' || typeof apiAddress !== 'string' || typeof gatewayAddress !== 'string') return [];
    return [{ name, apiAddress, gatewayAddress }];
  });
}
