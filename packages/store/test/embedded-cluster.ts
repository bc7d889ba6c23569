import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import {
  type CoreTimings,
  dataDirectoryId,
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  type Leadership,
  openEmbeddedStore,
} from '../src/index.ts';
import { TestAuthority } from './certificates.ts';
import './compile-cache.ts';
import { freePort } from './free-port.ts';
import { testFolder } from './test-folder.ts';

/** Quick enough for tests, slow enough for two busy cores. */
export const testTimings: CoreTimings = { tickMs: 20, heartbeatMs: 60, electionMs: 400 };

interface Seat {
  readonly options: EmbeddedStoreOptions;
  store: EmbeddedStore | undefined;
}

/** Members of one cluster in this process, each with its own consensus thread, its own folder and real connections. */
export class EmbeddedCluster implements AsyncDisposable {
  readonly folder: string;
  readonly #authority: TestAuthority;
  readonly #overrides: Partial<EmbeddedStoreOptions>;
  readonly #seats: Seat[] = [];

  private constructor(folder: string, authority: TestAuthority, overrides: Partial<EmbeddedStoreOptions>) {
    this.folder = folder;
    this.#authority = authority;
    this.#overrides = overrides;
  }

  /** A cluster of `size` voters with a leader. */
  static async start(size: number, overrides: Partial<EmbeddedStoreOptions> = {}): Promise<EmbeddedCluster> {
    const folder = await testFolder('store');
    const cluster = new EmbeddedCluster(folder, await TestAuthority.create(), overrides);
    await cluster.#found();
    for (let i = 1; i < size; i++) await cluster.join();
    await cluster.voters(size);
    return cluster;
  }

  get stores(): EmbeddedStore[] {
    return this.#seats.flatMap(({ store }) => store ?? []);
  }

  get authority(): TestAuthority {
    return this.#authority;
  }

  isRunning(index: number): boolean {
    return this.#seats[index]?.store !== undefined;
  }

  at(index: number): EmbeddedStore {
    const store = this.#seats[index]?.store;
    if (store === undefined) throw new Error(`member ${index} is not running`);
    return store;
  }

  optionsOf(index: number): EmbeddedStoreOptions {
    const seat = this.#seats[index];
    if (seat === undefined) throw new Error(`there is no member ${index}`);
    return seat.options;
  }

  async join(promote = true): Promise<EmbeddedStore> {
    const options = await this.#options();
    const directory = await dataDirectoryId(options.dataDirectory, realWorld.random);
    const admission = await this.at(0).members.add({ ...options.member, directory, promote });
    const joined = { ...options, found: { kind: 'join', admission } as const };
    const store = await openEmbeddedStore(joined);
    this.#seats.push({ options: joined, store });
    return store;
  }

  async stop(index: number): Promise<void> {
    const store = this.at(index);
    (this.#seats[index] as Seat).store = undefined;
    await store[Symbol.asyncDispose]();
  }

  async restart(index: number, overrides: Partial<EmbeddedStoreOptions> = {}): Promise<EmbeddedStore> {
    const seat = this.#seats[index] as Seat;
    const store = await openEmbeddedStore({ ...seat.options, ...overrides });
    seat.store = store;
    return store;
  }

  /** Waits until every running member sees this many voters. */
  async voters(count: number): Promise<void> {
    for (const store of this.stores)
      await until(() => store.status().members.filter(({ role }) => role === 'voter').length === count);
  }

  /** Waits until every running member knows a leader. */
  async settled(): Promise<void> {
    await Promise.all(
      this.stores.map((store) => Promise.race([leadershipOf(store, 'leader'), leadershipOf(store, 'follower')])),
    );
  }

  async leader(): Promise<EmbeddedStore> {
    return await Promise.race(this.stores.map(async (store) => leadershipOf(store, 'leader').then(() => store)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.stores.map((store) => store[Symbol.asyncDispose]()));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #found(): Promise<void> {
    const options: EmbeddedStoreOptions = { ...(await this.#options()), found: { kind: 'bootstrap' } };
    this.#seats.push({ options, store: await openEmbeddedStore(options) });
    await leadershipOf(this.at(0), 'leader');
  }

  async #options(): Promise<EmbeddedStoreOptions> {
    const name = `server-${this.#seats.length + 1}`;
    const peerAddress = `127.0.0.1:${await freePort()}`;
    return {
      world: realWorld,
      dataDirectory: join(this.folder, name),
      member: { name, apiAddress: `${name}:6443`, gatewayAddress: `${name}:6444`, peerAddress },
      tls: await this.#authority.server(name),
      timings: testTimings,
      onFatal: (reason) => {
        throw new Error(reason);
      },
      ...this.#overrides,
    };
  }
}

/** Resolves when the store reports this kind of leadership. */
export async function leadershipOf(store: EmbeddedStore, kind: Leadership['kind']): Promise<Leadership> {
  const { promise, resolve } = Promise.withResolvers<Leadership>();
  using _listening = store.onLeadership((leadership) => {
    if (leadership.kind === kind) resolve(leadership);
  });
  return await promise;
}

/** Looks again and again; the test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await realWorld.timers.sleep(10);
}
