import type { World } from '@berth/world';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { ClusterZone } from './cluster-zone.ts';
import { type DnsRcode, dnsAnswer, dnsRcode } from './dns-answer.ts';
import type { DnsForwarder } from './dns-forwarder.ts';

/** What a client without EDNS can take (RFC 1035), and what we send at most, to stay clear of fragments. */
const plainBytesMax = 512;
const udpBytesMax = 1232;

export interface DnsResponderOptions {
  readonly zone: () => ClusterZone;
  readonly forwarder: DnsForwarder;
  readonly world: World;
}

/** Turns one message of a client into the answer, over whatever it came. */
export class DnsResponder {
  readonly #options: DnsResponderOptions;

  constructor(options: DnsResponderOptions) {
    this.#options = options;
  }

  /** Undefined when the message deserves no answer: it is no question. */
  async respond(message: Uint8Array, overTcp: boolean): Promise<Uint8Array | undefined> {
    const query = decodeQuery(message);
    const question = query?.questions?.[0];
    if (query === undefined || question === undefined) return undefined;
    if (query.questions?.length !== 1) return this.#reply(query, { rcode: dnsRcode.notImplemented }, overTcp);
    const { zone, forwarder } = this.#options;
    const answer = dnsAnswer(zone(), question, (items) => this.#shuffled(items));
    switch (answer.kind) {
      case 'own':
        return this.#reply(query, answer, overTcp);
      case 'ask-others': {
        const forwarded = await forwarder.ask(message, overTcp);
        return forwarded ?? this.#reply(query, { rcode: dnsRcode.serverFailure }, overTcp);
      }
      case 'follow': {
        const followed = await this.#follow(query, question.type, answer.target, overTcp);
        return this.#reply(query, { rcode: dnsRcode.noError, answers: [...answer.answers, ...followed] }, overTcp);
      }
    }
  }

  async #follow(query: Packet, type: Answer['type'], target: string, overTcp: boolean): Promise<readonly Answer[]> {
    const name = target.replace(/\.$/, '');
    const asked = encode({
      type: 'query',
      id: query.id ?? 0,
      flags: 0x0100,
      questions: [{ type: type as 'A', name }],
    });
    const answered = await this.#options.forwarder.ask(asked, overTcp);
    return answered === undefined ? [] : (decodeMessage(answered)?.answers ?? []);
  }

  #reply(
    query: Packet,
    content: {
      readonly rcode: DnsRcode;
      readonly answers?: readonly Answer[];
      readonly authorities?: readonly Answer[];
    },
    overTcp: boolean,
  ): Uint8Array {
    const edns = query.additionals?.find((record) => record.type === 'OPT');
    const bytesMax = overTcp ? 65_535 : Math.min(udpBytesMax, Math.max(plainBytesMax, edns?.udpPayloadSize ?? 0));
    const wantsRecursion = (query.flags ?? 0) & 0x0100;
    const response: Packet = {
      type: 'response',
      id: query.id ?? 0,
      flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | wantsRecursion | content.rcode,
      questions: [...(query.questions ?? [])],
      answers: [...(content.answers ?? [])],
      authorities: [...(content.authorities ?? [])],
      additionals: edns === undefined ? [] : [ednsRecord],
    };
    const whole = encode(response);
    if (whole.length <= bytesMax) return whole;
    // The client asks again over TCP.
    return encode({ ...response, flags: (response.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] });
  }

  #shuffled<T>(items: readonly T[]): readonly T[] {
    if (items.length < 2) return items;
    const start = this.#options.world.random.integer(items.length);
    return [...items.slice(start), ...items.slice(0, start)];
  }
}

const ednsRecord: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: udpBytesMax,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function decodeQuery(message: Uint8Array): Packet | undefined {
  const packet = decodeMessage(message);
  return packet?.type === 'query' ? packet : undefined;
}

function decodeMessage(message: Uint8Array): Packet | undefined {
  try {
    return decode(Buffer.from(message));
  } catch {
    return undefined;
  }
}
