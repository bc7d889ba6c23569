import { type Event, parseTime, type Stored } from '@berth/api';
import type { Controller, Plan } from './controller.ts';
import { objectKey } from './object-key.ts';
import type { ControllerSettings } from './settings.ts';

const allEvents = '*events';

/** Deletions in one plan, and the pause between full plans: expiry must never crowd out the writes of users. */
const batch = 100;
const batchPauseMs = 200;

/** Looked at this often even when the next expiry is far. */
const idleMs = 60_000;

/** Deletes events an hour after they last happened. */
export function eventExpiryController(settings: Pick<ControllerSettings, 'eventLifetimeMs'>): Controller {
  return {
    name: 'event-expiry',
    watches: [],
    standingKeys: [allEvents],
    reconcile(view, _key, now): Plan {
      const dated = view
        .list<Stored<Event>>('events')
        .map((event) => ({ event, remainingMs: lastSeenMs(event) + settings.eventLifetimeMs - now.wallMs }));
      const expired = dated.filter(({ remainingMs }) => remainingMs <= 0);
      const next = dated.reduce(
        (least, { remainingMs }) => (remainingMs > 0 ? Math.min(least, remainingMs) : least),
        idleMs,
      );
      return {
        writes: expired.slice(0, batch).map(({ event }) => ({
          kind: 'delete',
          resource: 'events',
          key: objectKey(event),
          uid: event.metadata.uid,
          resourceVersion: event.metadata.resourceVersion,
        })),
        requeueAfterMs: expired.length > batch ? batchPauseMs : Math.max(next, 1_000),
      };
    },
  };
}

function lastSeenMs({ series, lastTimestamp, eventTime, metadata }: Stored<Event>): number {
  for (const text of [series?.lastObservedTime, lastTimestamp, eventTime, metadata.creationTimestamp]) {
    const time = parseTime(text ?? '');
    if (time !== undefined) return time;
  }
  return 0;
}
