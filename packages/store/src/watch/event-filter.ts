import { type BoundedRange, inRange } from '../key-range.ts';
import { eventKey } from '../mvcc/transaction.ts';
import type { StoreEvent } from '../store.ts';

/** The events of a range; the same array again when that is all of them. */
export function eventsIn(range: BoundedRange, events: readonly StoreEvent[]): readonly StoreEvent[] {
  let inside = 0;
  for (const event of events) if (inRange(range, eventKey(event))) inside += 1;
  if (inside === events.length) return events;
  return inside === 0 ? noEvents : events.filter((event) => inRange(range, eventKey(event)));
}

const noEvents: readonly StoreEvent[] = [];
