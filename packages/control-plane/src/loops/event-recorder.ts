import { ApiError, type Event, formatTime } from '@berth/api';
import type { World } from '@berth/world';
import type { Logger } from 'pino';
import type { ObjectRef, Registry, WriteContext } from '../registry/registry.ts';
import { BoundedMap } from './bounded-map.ts';
import { EventFilter } from './event-filter.ts';
import { type EventReport, type RecordEvent, sourceOf } from './event-report.ts';
import type { LoopMetrics } from './loop-metrics.ts';
import { failureOf } from './write-outcome.ts';

export type { EventReport, RecordEvent } from './event-report.ts';

export interface EventRecorder extends AsyncDisposable {
  readonly record: RecordEvent;
  /** Resolves when everything recorded so far is written or dropped. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly registry: Pick<Registry, 'create' | 'modify'>;
  readonly world: World;
  readonly log: Logger;
  readonly metrics: Pick<LoopMetrics, 'eventsRecorded' | 'eventsDropped'>;
}

/** One event that waits to be written, with its repetitions since. */
interface Pending {
  readonly report: EventReport;
  readonly firstMs: number;
  lastMs: number;
  count: number;
}

const pendingMax = 1_000;
const writtenMax = 4_096;
const writersMax = 4;
const attemptsMax = 3;
const retryMs = 250;
/** Names of events end in their time; the object's part is cut so that the whole stays a legal name. */
const aboutNameMax = 200;

/** Writes core/v1 Events; what repeats raises the count of the event that is there. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new RegistryEventRecorder(options);
}

class RegistryEventRecorder implements EventRecorder {
  readonly record: RecordEvent = (event) => this.#take(event);
  readonly #options: EventRecorderOptions;
  readonly #filter: EventFilter;
  readonly #pending = new Map<string, Pending>();
  readonly #written = new BoundedMap<string, ObjectRef>(writtenMax);
  readonly #writing = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#filter = new EventFilter(options.world.clock);
  }

  async flush(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error('the event recorder is closed'));
    this.#drop('closed', this.#pending.size);
    this.#pending.clear();
    await this.flush();
  }

  #take(report: EventReport): void {
    if (this.#closing.signal.aborted) return;
    const event = this.#filter.admit(report);
    if (event === undefined) {
      this.#drop('spam', 1);
      return;
    }
    const nowMs = this.#options.world.clock.wallMs();
    const key = identityOf(event);
    const waiting = this.#pending.get(key);
    if (waiting !== undefined) {
      waiting.count += 1;
      waiting.lastMs = nowMs;
      return;
    }
    if (this.#pending.size >= pendingMax) {
      this.#drop('full', 1);
      return;
    }
    this.#pending.set(key, { report: event, firstMs: nowMs, lastMs: nowMs, count: 1 });
    this.#pump();
  }

  #pump(): void {
    for (const [key, pending] of this.#pending) {
      if (this.#writing.size >= writersMax) return;
      // Two writers of one event would make it twice.
      if (this.#writing.has(key)) continue;
      this.#pending.delete(key);
      const work = this.#write(key, pending).finally(() => {
        this.#writing.delete(key);
        this.#pump();
      });
      this.#writing.set(key, work);
    }
  }

  async #write(key: string, pending: Pending): Promise<void> {
    const { log, metrics, world } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#writeOnce(key, pending);
        metrics.eventsRecorded.inc();
        return;
      } catch (error) {
        const mayPass = failureOf(error) === 'unavailable' || failureOf(error) === 'conflict';
        if (!mayPass || attempt === attemptsMax || this.#closing.signal.aborted) {
          log.debug({ err: error, reason: pending.report.reason }, 'an event was not written');
          this.#drop('failed', pending.count);
          return;
        }
      }
      await world.timers.sleep(retryMs * attempt, this.#closing.signal).catch(() => undefined);
    }
  }

  async #writeOnce(key: string, pending: Pending): Promise<void> {
    const { registry } = this.#options;
    const context = contextOf(pending.report);
    const known = this.#written.get(key);
    if (known !== undefined && (await this.#raise(known, pending, context))) return;
    const event = this.#eventOf(pending);
    const { name, namespace } = event.metadata as { readonly name: string; readonly namespace: string };
    await registry.create('events', namespace, event, context);
    this.#written.set(key, { resource: 'events', namespace, name });
  }

  /** False when the event is no longer there. */
  async #raise(ref: ObjectRef, { report, count, lastMs }: Pending, context: WriteContext): Promise<boolean> {
    try {
      await this.#options.registry.modify(
        ref,
        'object',
        (event) => ({
          ...event,
          message: report.message,
          count: ((event['count'] as number | undefined) ?? 1) + count,
          lastTimestamp: formatTime(lastMs),
        }),
        context,
      );
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotFound') return false;
      throw error;
    }
  }

  #eventOf({ report, count, firstMs, lastMs }: Pending): Event {
    const { about, component, host, message, reason, type } = report;
    const namespace = about.namespace ?? 'default';
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#nameFor(about.name ?? '', firstMs), namespace },
      involvedObject: about,
      reason,
      message,
      type,
      count,
      firstTimestamp: formatTime(firstMs),
      lastTimestamp: formatTime(lastMs),
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }

  /** As client-go names events: the object and the nanoseconds, in hexadecimal; the nanoseconds are drawn. */
  #nameFor(aboutName: string, wallMs: number): string {
    const nanos = BigInt(Math.floor(wallMs)) * 1_000_000n + BigInt(this.#options.world.random.integer(1_000_000));
    return `${aboutName.slice(0, aboutNameMax)}.${nanos.toString(16)}`;
  }

  #drop(cause: 'spam' | 'full' | 'failed' | 'closed', count: number): void {
    this.#options.metrics.eventsDropped.inc({ cause }, count);
  }
}

/** What makes two reports the same event. Of combined ones the message does not count: it is always the latest. */
function identityOf(report: EventReport): string {
  const message = report.isCombined === true ? '' : report.message;
  return `${sourceOf(report)} ${report.type} ${report.reason} ${message}`;
}

function contextOf({ component }: EventReport): WriteContext {
  return { requester: { user: `system:${component}`, groups: ['system:servers'] }, cause: `events:${component}` };
}
