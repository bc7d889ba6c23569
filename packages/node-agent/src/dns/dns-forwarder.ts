import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { World } from '@berth/world';
import { framed, readFramed } from './dns-framing.ts';

const dnsPort = 53;
const attemptMs = 2000;
/** Questions under way at once; more are refused, so that a flood of them cannot take all sockets. */
const underWayMax = 512;

/** Asks the machine's own name servers, one after the other, and hands their answers on as they are. */
export class DnsForwarder {
  readonly #world: World;
  readonly #upstreams: () => Promise<readonly string[]>;
  #underWay = 0;

  constructor(world: World, upstreams: () => Promise<readonly string[]>) {
    this.#world = world;
    this.#upstreams = upstreams;
  }

  /** Undefined when nobody answers. `overTcp`: as the client asked, so that long answers come through whole. */
  async ask(message: Uint8Array, overTcp: boolean): Promise<Uint8Array | undefined> {
    if (this.#underWay >= underWayMax) return undefined;
    this.#underWay += 1;
    try {
      for (const upstream of await this.#upstreams()) {
        const answer = await this.#attempt(upstream, message, overTcp).catch(() => undefined);
        if (answer !== undefined) return answer;
      }
      return undefined;
    } finally {
      this.#underWay -= 1;
    }
  }

  async #attempt(upstream: string, message: Uint8Array, overTcp: boolean): Promise<Uint8Array | undefined> {
    const limit = new AbortController();
    using _timer = this.#world.timers.after(attemptMs, () => limit.abort());
    return overTcp
      ? await askOverTcp(upstream, message, limit.signal)
      : await askOverUdp(upstream, message, limit.signal);
  }
}

/** A socket for every question: its random port is half of the protection against forged answers. */
function askOverUdp(upstream: string, message: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const socket = createSocket(upstream.includes(':') ? 'udp6' : 'udp4');
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  socket.on('error', reject);
  socket.on('message', (answer) => {
    if (answer.length >= 12 && answer[0] === message[0] && answer[1] === message[1]) resolve(answer);
  });
  // A connected socket takes answers from this server only, and learns at once when nobody listens there.
  socket.connect(dnsPort, upstream, () => socket.send(message));
  return promise.finally(() => socket.close());
}

async function askOverTcp(upstream: string, message: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const socket = connect({ host: upstream, port: dnsPort, signal });
  socket.on('error', () => undefined);
  socket.write(framed(message));
  try {
    for await (const answer of readFramed(socket)) return answer;
    return undefined;
  } finally {
    socket.destroy();
  }
}
