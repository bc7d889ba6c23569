import type { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import type { NodeIdentity } from '../identity/node-identity.ts';
import type { Log } from '../logging/log.ts';
import type { ReportQueue } from './report-queue.ts';
import type { ServerBook } from './server-book.ts';
import { ServerRotation } from './server-rotation.ts';
import { type AgentWord, ServerSession, type ServerWord } from './server-session.ts';

/** After every known server was tried once in vain. */
const pauseMsMin = 50;
const pauseMsMax = 2000;
/** A server that refuses us is not asked again at once. */
const refusedPauseMs = 5000;
/** Sessions that break sooner count as failures from the second on: somebody may be taking our place again and again. */
const shortMs = 2000;

/**
 * A machine that is gone does not even say so. The others wait for their turn, hence little patience at first; more in later rounds, for
 * the machine may just be busy or far away.
 */
const connectMsMin = 1000;
const connectMsMax = 8000;

interface AttemptOutcome {
  readonly address: string;
  readonly welcomed: boolean;
  /** From welcome to end. */
  readonly livedMs: number;
  readonly refused: boolean;
  readonly reason: string;
}

export interface SessionKeeperOptions {
  readonly identity: () => NodeIdentity;
  readonly servers: Pick<ServerBook, 'list' | 'learn'>;
  readonly hello: () => agentV1.Hello;
  readonly world: World;
  readonly log: Log;
  readonly reports: ReportQueue;
  /** A session begins: all that the server says from here to `synced` is everything. */
  readonly onWelcome: (welcome: agentV1.Welcome) => void;
  readonly onMessage: (word: ServerWord, session: ServerSession) => void;
  /** Every known server was asked in vain. */
  readonly onUnreachable: () => void;
}

/**
 * Keeps a session with one of the servers. When it breaks the next server is tried at once; only after all have failed in a row is there
 * a pause, which grows and has a random part. A server that says goodbye is left after the next one has said welcome.
 */
export class SessionKeeper implements AsyncDisposable {
  readonly #options: SessionKeeperOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #rotation: ServerRotation;
  #current: ServerSession | undefined;
  #leaving: ServerSession | undefined;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    const { servers, world } = options;
    const start = world.random.integer(Math.max(1, servers.list.current.length));
    this.#rotation = new ServerRotation(() => servers.list, start);
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#current?.close();
    this.#leaving?.close();
    await this.#running;
  }

  get connected(): boolean {
    return this.#current !== undefined;
  }

  /** Address of the server that holds our session. */
  get server(): string | undefined {
    return this.#current?.address;
  }

  /** Tells what waits, as far as the connection takes it. */
  flush(): void {
    const session = this.#current;
    while (session?.writable === true && session === this.#current) {
      const word: AgentWord | undefined = this.#options.reports.next();
      if (word === undefined) return;
      session.send(word);
    }
  }

  async #run(): Promise<void> {
    const { world, log, onUnreachable } = this.#options;
    const { signal } = this.#stop;
    let short = 0;
    let pauseMs = pauseMsMin;
    while (!signal.aborted) {
      const outcome = await this.#attempt();
      if (signal.aborted) return;
      short = outcome.welcomed && outcome.livedMs < shortMs ? short + 1 : 0;
      if (outcome.welcomed && short < 2) {
        pauseMs = pauseMsMin;
        continue;
      }
      log.debug({ server: outcome.address, reason: outcome.reason }, 'no session with this server');
      if (outcome.refused)
        log.error({ server: outcome.address, reason: outcome.reason }, 'the server refuses this node');
      if (!outcome.welcomed && this.#rotation.roundEnded) onUnreachable();
      if (outcome.refused || outcome.welcomed || this.#rotation.roundEnded) {
        const least = outcome.refused ? refusedPauseMs : pauseMs;
        await world.timers.sleep(least + world.random.integer(Math.ceil(least)), signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, pauseMsMax);
      }
    }
  }

  /** One session with the next server in turn, until it ends. */
  async #attempt(): Promise<AttemptOutcome> {
    const { identity, hello, world, log } = this.#options;
    const address = this.#rotation.next();
    if (address === undefined)
      return { address: '', welcomed: false, livedMs: 0, refused: false, reason: 'no server is known' };
    const moved = Promise.withResolvers<void>();
    const session = new ServerSession({
      address,
      identity: identity(),
      hello: hello(),
      connectMs: Math.min(connectMsMin * 2 ** (this.#rotation.rounds - 1), connectMsMax),
      world,
      onWelcome: (welcome, from) => this.#begin(welcome, from),
      onMessage: (word, from) => {
        if (word.$case === 'goodbye') moved.resolve();
        // What an old server still says counts no longer once a new one speaks.
        else if (from === this.#current) this.#take(word, from);
      },
      onDrain: () => this.flush(),
    });
    const aborted = () => session.close();
    this.#stop.signal.addEventListener('abort', aborted, { once: true });
    try {
      await session.welcome;
      const sinceMs = world.clock.monotonicMs();
      const end = await Promise.race([session.ended, moved.promise.then(() => undefined)]);
      if (end === undefined) {
        log.info({ address }, 'the server says goodbye');
        this.#leaving = session;
        this.#dropWhenEnded(session);
      } else {
        if (!this.#stop.signal.aborted) log.warn({ address, reason: end.reason }, 'session ended');
        this.#forget(session);
      }
      return { address, welcomed: true, livedMs: world.clock.monotonicMs() - sinceMs, refused: false, reason: '' };
    } catch {
      const end = await session.ended;
      return { address, welcomed: false, livedMs: 0, refused: end.kind === 'refused', reason: end.reason };
    } finally {
      this.#stop.signal.removeEventListener('abort', aborted);
    }
  }

  #begin(welcome: agentV1.Welcome, session: ServerSession): void {
    const { log, onWelcome, reports } = this.#options;
    this.#leaving?.close();
    this.#leaving = undefined;
    this.#current = session;
    this.#rotation.succeeded();
    log.info({ server: welcome.serverName, address: session.address }, 'session opened');
    onWelcome(welcome);
    reports.restart();
  }

  #take(word: ServerWord, session: ServerSession): void {
    if (word.$case === 'servers') this.#options.servers.learn(word.value.servers);
    else this.#options.onMessage(word, session);
  }

  #dropWhenEnded(session: ServerSession): void {
    void session.ended.then(() => this.#forget(session));
  }

  #forget(session: ServerSession): void {
    if (this.#leaving === session) this.#leaving = undefined;
    if (this.#current !== session) return;
    this.#current = undefined;
  }
}
