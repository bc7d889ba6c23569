import { decodeMessage, encodeMessage, type Message } from '@berth/raft';
import type { Dice } from '../world/dice.ts';
import type { EventQueue } from '../world/event-queue.ts';
import { checksum } from './checksum.ts';
import type { PartitionShape } from './fault.ts';
import type { NetworkPlan } from './plan.ts';

/** A message with what the connection's handshake said about its sender. */
export interface Parcel {
  readonly message: Message;
  readonly directory: string;
}

/** Loses, delays, doubles and reorders messages between members, and is cut in every way. */
export class SimNetwork {
  readonly #queue: EventQueue;
  readonly #dice: Dice;
  readonly #plan: NetworkPlan;
  readonly #arrive: (parcel: Parcel) => void;
  readonly #sites = new Map<number, number>();
  /** Directed links that carry nothing, each with the number of partitions that cut it. */
  readonly #cut = new Map<string, number>();
  #calm = false;

  constructor(queue: EventQueue, dice: Dice, plan: NetworkPlan, arrive: (parcel: Parcel) => void) {
    this.#queue = queue;
    this.#dice = dice;
    this.#plan = plan;
    this.#arrive = arrive;
  }

  send(parcel: Parcel): void {
    const { from, to } = parcel.message;
    if (this.#cut.has(`${from}>${to}`)) return;
    if (this.#calm) {
      this.#queue.after(this.#delayUs(from, to) / 4, () => this.#arrive(parcel));
      return;
    }
    if (this.#dice.chance(this.#plan.loss)) return;
    const sent = this.#plan.encoded ? throughTheWire(parcel) : parcel;
    this.#queue.after(this.#delayUs(from, to), () => this.#arrive(sent));
    if (!this.#dice.chance(this.#plan.duplicate)) return;
    const lateUs = this.#dice.magnitude(1, this.#plan.duplicateMs) * 1000;
    this.#queue.after(this.#delayUs(from, to) + lateUs, () => this.#arrive(sent));
  }

  /** Nothing is lost or doubled any more, and nothing is cut: the world of the liveness phase. */
  calmDown(): void {
    this.#calm = true;
    this.#cut.clear();
  }

  #delayUs(from: number, to: number): number {
    const { delayMs, jitter, sites, siteDelayMs } = this.#plan;
    const far = sites > 1 && this.#siteOf(from) !== this.#siteOf(to) ? siteDelayMs : 0;
    return (far + delayMs * this.#dice.magnitude(1, jitter)) * 1000;
  }

  #siteOf(member: number): number {
    let site = this.#sites.get(member);
    if (site === undefined) {
      site = member % this.#plan.sites;
      this.#sites.set(member, site);
    }
    return site;
  }

  partition(members: readonly number[], shape: PartitionShape, dice: Dice, forMs: number): void {
    if (shape === 'swizzle') this.#swizzle(members, dice, forMs);
    else this.#cutLinks(cutLinks(members, shape, dice), forMs);
  }

  #swizzle(members: readonly number[], dice: Dice, forMs: number): void {
    for (const member of dice.shuffled(members).slice(0, dice.between(1, members.length))) {
      const fromMs = dice.fraction() * 0.5 * forMs;
      const untilMs = (0.5 + dice.fraction() * 0.5) * forMs;
      this.#queue.after(fromMs * 1000, () => {
        if (!this.#calm) this.cutOff(member, members, untilMs - fromMs);
      });
    }
  }

  /** Nothing reaches the member. */
  deafen(member: number, members: readonly number[], forMs: number): void {
    this.#cutLinks(
      members.map((other) => `${other}>${member}`),
      forMs,
    );
  }

  /** Nothing reaches the member, and nothing leaves it. */
  cutOff(member: number, members: readonly number[], forMs: number): void {
    this.#cutLinks(
      members.flatMap((other) => [`${other}>${member}`, `${member}>${other}`]),
      forMs,
    );
  }

  /** Cuts links for a while; overlapping partitions add up. */
  #cutLinks(links: readonly string[], forMs: number): void {
    for (const link of links) this.#cut.set(link, (this.#cut.get(link) ?? 0) + 1);
    this.#queue.after(forMs * 1000, () => {
      for (const link of links) {
        const left = (this.#cut.get(link) ?? 1) - 1;
        if (left > 0) this.#cut.set(link, left);
        else this.#cut.delete(link);
      }
    });
  }
}

function cutLinks(members: readonly number[], shape: Exclude<PartitionShape, 'swizzle'>, dice: Dice): string[] {
  const [first = 0, ...rest] = dice.shuffled(members);
  const half = new Set(rest.slice(0, Math.floor(rest.length / 2)));
  const inward = dice.chance(0.5);
  const isCut = (from: number, to: number): boolean => {
    switch (shape) {
      case 'halves':
        return (half.has(from) || from === first) !== (half.has(to) || to === first);
      case 'one-way':
        return inward ? to === first : from === first;
      case 'isolate':
        return from === first || to === first;
      case 'bridge':
        return from !== first && to !== first && half.has(from) !== half.has(to);
      case 'random':
        return dice.chance(0.4);
    }
  };
  const links: string[] = [];
  for (const from of members) for (const to of members) if (from !== to && isCut(from, to)) links.push(`${from}>${to}`);
  return links;
}

function throughTheWire(parcel: Parcel): Parcel {
  const decoded = decodeMessage(encodeMessage(parcel.message), checksum);
  if (!decoded.ok) throw new Error(`a message does not survive its wire form: ${decoded.fault}`);
  return { ...parcel, message: decoded.message };
}
