import { Agent, get } from 'node:https';

const answerTimeoutMs = 1_000;

/** Asks one server again and again whether it is ready, over one connection that stays open. */
export class ServerProbe implements Disposable {
  /** `host:port`. */
  readonly server: string;
  /** By the last answer; false before the first. */
  isReady = false;
  /** Answers in a row that were no, or missing. */
  failures = 0;
  readonly #agent: Agent;
  #asking: Promise<void> | undefined;

  constructor(server: string, ca: string) {
    this.server = server;
    this.#agent = new Agent({ ca, keepAlive: true, maxSockets: 1 });
  }

  /** Resolves with the answer noted; a question under way is not asked again. */
  ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #ask(): Promise<void> {
    this.isReady = await this.#answer();
    this.failures = this.isReady ? 0 : this.failures + 1;
  }

  #answer(): Promise<boolean> {
    return new Promise((resolve) => {
      const options = { agent: this.#agent, timeout: answerTimeoutMs };
      const question = get(`https://${this.server}/readyz`, options, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      question.on('timeout', () => question.destroy(new Error('no answer')));
      question.on('error', () => resolve(false));
    });
  }
}
