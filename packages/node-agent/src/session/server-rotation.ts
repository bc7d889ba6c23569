import type { ServerList } from '../identity/node-identity.ts';

/**
 * Whose turn it is to be asked for a session: the servers of the cluster in turn, beginning behind the one asked last. Once
 * none of them has answered, those of former lists are asked as well.
 */
export class ServerRotation {
  readonly #list: () => ServerList;
  #round: string[] = [];
  #last: string | undefined;
  #rounds = 0;

  /** `start` is where in the list the first round begins: nodes spread over the servers. */
  constructor(list: () => ServerList, start: number) {
    this.#list = list;
    this.#last = addresses(list().current).at(start - 1);
  }

  /** True when every server was asked in vain since a session stood. */
  get roundEnded(): boolean {
    return this.#round.length === 0;
  }

  /** How often the servers were asked one after the other since a session stood; 1 in the first round. */
  get rounds(): number {
    return this.#rounds;
  }

  /** `host:port` of a gateway; undefined when no server is known at all. */
  next(): string | undefined {
    if (this.#round.length === 0) this.#begin();
    const address = this.#round.shift();
    if (address !== undefined) this.#last = address;
    return address;
  }

  /** A session stands with the one asked last: when it ends, a new round begins behind it. */
  succeeded(): void {
    this.#round = [];
    this.#rounds = 0;
  }

  #begin(): void {
    this.#rounds += 1;
    const { current, former } = this.#list();
    const gateways = addresses(current);
    const start = this.#last === undefined ? 0 : gateways.indexOf(this.#last) + 1;
    this.#round = [...gateways.slice(start), ...gateways.slice(0, start)];
    if (this.#rounds > 1 || gateways.length === 0) this.#round.push(...addresses(former));
  }
}

function addresses(servers: ServerList['current']): readonly string[] {
  return servers.map(({ gatewayAddress }) => gatewayAddress);
}
