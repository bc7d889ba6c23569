import type { agentV1 } from '@berth/wire';

/** The list of servers as agents are told it, and whether it has changed since it was looked at last. */
export class ServerRoster {
  readonly #read: () => readonly agentV1.ServerAddress[];
  #current: agentV1.Servers;

  constructor(read: () => readonly agentV1.ServerAddress[]) {
    this.#read = read;
    this.#current = this.#make();
  }

  get current(): agentV1.Servers {
    return this.#current;
  }

  /** Reads the list again; true when it differs from before. */
  look(): boolean {
    const now = this.#make();
    if (JSON.stringify(now) === JSON.stringify(this.#current)) return false;
    this.#current = now;
    return true;
  }

  #make(): agentV1.Servers {
    return {
      servers: this.#read().map(({ name, apiAddress, gatewayAddress }) => ({ name, apiAddress, gatewayAddress })),
    };
  }
}
