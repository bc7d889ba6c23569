import { messageOf } from '../engine/engine-error.ts';
import type { IdentityFiles, KnownServer, ServerList } from '../identity/node-identity.ts';
import type { Log } from '../logging/log.ts';

/** Servers that have left the cluster, or only seemed to; beyond these the ones heard of longest ago are forgotten. */
const formerMax = 16;

/** Every server this node has ever heard of. Each list that arrives is kept on disk, so that a new agent process knows as much. */
export class ServerBook implements AsyncDisposable {
  readonly #files: Pick<IdentityFiles, 'saveServers'>;
  readonly #log: Log;
  #list: ServerList;
  #saved: ServerList;
  #saving: Promise<void> = Promise.resolve();

  private constructor(list: ServerList, files: Pick<IdentityFiles, 'saveServers'>, log: Log) {
    this.#list = list;
    this.#saved = list;
    this.#files = files;
    this.#log = log;
  }

  /** `joined` is what the answer to joining said: all there is before the first session. */
  static async open(
    files: Pick<IdentityFiles, 'saveServers' | 'loadServers'>,
    joined: readonly KnownServer[],
    log: Log,
  ): Promise<ServerBook> {
    const kept = await files.loadServers();
    const list = kept === undefined ? { current: joined, former: [] } : listAfter(kept, joined, kept.current);
    return new ServerBook(list, files, log);
  }

  get list(): ServerList {
    return this.#list;
  }

  /** The cluster's servers as a server tells them; an empty list says nothing. */
  learn(servers: readonly KnownServer[]): void {
    if (servers.length === 0) return;
    const next = listAfter(this.#list, this.#list.current, servers);
    if (JSON.stringify(next) === JSON.stringify(this.#list)) return;
    this.#list = next;
    this.#saving = this.#saving.then(() => this.#save());
  }

  /** Resolves when all that was learned is on disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saving;
  }

  async #save(): Promise<void> {
    const list = this.#list;
    if (list === this.#saved) return;
    try {
      await this.#files.saveServers(list);
      this.#saved = list;
    } catch (error) {
      this.#log.warn({ error: messageOf(error) }, 'the list of servers could not be written');
    }
  }
}

/** `current` replaces what was; whoever is missing from it was heard of before. */
function listAfter(before: ServerList, also: readonly KnownServer[], current: readonly KnownServer[]): ServerList {
  const known = new Set(current.map(({ gatewayAddress }) => gatewayAddress));
  const former: KnownServer[] = [];
  for (const server of [...also, ...before.former]) {
    if (known.has(server.gatewayAddress)) continue;
    known.add(server.gatewayAddress);
    former.push(server);
  }
  return { current, former: former.slice(0, formerMax) };
}
