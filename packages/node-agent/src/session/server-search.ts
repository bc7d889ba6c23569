import type { World } from '@berth/world';
import { messageOf } from '../engine/engine-error.ts';
import type { Log } from '../logging/log.ts';
import type { ServerBook } from './server-book.ts';

const pauseMsMin = 5000;
const pauseMsMax = 300_000;

export interface ServerSearchOptions {
  /** `https://host:port` of servers as the command line names them. */
  readonly urls: readonly string[];
  readonly book: Pick<ServerBook, 'list'>;
  /** Asks these servers, in turn, which servers there are; rejects when none answers. */
  readonly ask: (urls: readonly string[]) => Promise<void>;
  readonly world: World;
  readonly log: Log;
}

/**
 * The last resort of a node that reaches none of the servers it has heard of: the command line may name others, for instance
 * after all of them have moved. Asking costs the cluster a certificate, so it is done ever more seldom.
 */
export class ServerSearch implements AsyncDisposable {
  readonly #options: ServerSearchOptions;
  #asking: Promise<void> | undefined;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #pauseMs = pauseMsMin;

  constructor(options: ServerSearchOptions) {
    this.#options = options;
  }

  /** None of the known servers answers. Does nothing when the command line names no other one. */
  begin(): void {
    const { world } = this.#options;
    const urls = this.#strangers();
    const nowMs = world.clock.monotonicMs();
    if (this.#asking !== undefined || urls.length === 0 || nowMs < this.#notBeforeMs) return;
    this.#notBeforeMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMsMax);
    this.#asking = this.#ask(urls).finally(() => {
      this.#asking = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asking;
  }

  #strangers(): readonly string[] {
    const { current, former } = this.#options.book.list;
    const known = new Set([...current, ...former].map(({ apiAddress }) => apiAddress));
    return this.#options.urls.filter((url) => URL.canParse(url) && !known.has(new URL(url).host));
  }

  async #ask(urls: readonly string[]): Promise<void> {
    const { ask, log } = this.#options;
    try {
      await ask(urls);
      log.info({ urls }, 'servers found through those of the command line');
    } catch (error) {
      log.warn({ urls, error: messageOf(error) }, 'no known server answers, nor those of the command line');
    }
  }
}
