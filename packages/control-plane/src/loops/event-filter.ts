import type { Clock } from '@berth/world';
import { BoundedMap } from './bounded-map.ts';
import { type EventReport, sourceOf } from './event-report.ts';

/** Kubernetes' limits. */
const similarMax = 10;
const similarWindowMs = 600_000;
const burst = 25;
const refillMs = 300_000;
const remembered = 4_096;

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

/**
 * Keeps events useful, as Kubernetes' correlator does: more than ten messages of one reason about one object in ten minutes become
 * one event that counts, and whoever reports more than 25 times about one object is heard every five minutes.
 */
export class EventFilter {
  readonly #clock: Clock;
  readonly #similar = new BoundedMap<string, Similar>(remembered);
  readonly #buckets = new BoundedMap<string, Bucket>(remembered);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The event to write, perhaps with a message that stands for many; undefined when it is one too many. */
  admit(report: EventReport): EventReport | undefined {
    const combined = this.#combine(report);
    return this.#takeToken(sourceOf(report)) ? combined : undefined;
  }

  #combine(report: EventReport): EventReport {
    const key = `${sourceOf(report)} ${report.type} ${report.reason}`;
    const nowMs = this.#clock.monotonicMs();
    const known = this.#similar.get(key);
    const similar =
      known !== undefined && nowMs - known.lastMs <= similarWindowMs
        ? known
        : { messages: new Set<string>(), lastMs: nowMs };
    similar.lastMs = nowMs;
    if (similar.messages.size < similarMax) similar.messages.add(report.message);
    this.#similar.set(key, similar);
    if (similar.messages.has(report.message)) return report;
    return { ...report, message: `(combined from similar events): ${report.message}`, isCombined: true };
  }

  #takeToken(source: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(source) ?? { tokens: burst, filledMs: nowMs };
    const refilled = Math.floor((nowMs - bucket.filledMs) / refillMs);
    bucket.tokens = Math.min(burst, bucket.tokens + refilled);
    bucket.filledMs += refilled * refillMs;
    this.#buckets.set(source, bucket);
    if (bucket.tokens === 0) return false;
    bucket.tokens -= 1;
    return true;
  }
}
