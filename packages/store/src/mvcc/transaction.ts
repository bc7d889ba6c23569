import type { Revision } from '../revision.ts';
import type { StoreEvent } from '../store.ts';

/** One step of the history: everything that changed at one revision. */
export interface Transaction {
  readonly revision: Revision;
  /** The proposer's wall clock, never lower than that of the revision before. */
  readonly wallMs: number;
  readonly cause: string;
  /** In the order of the operations; each key at most once. */
  readonly events: readonly StoreEvent[];
  /** Keys and values, for the bounds of the history. */
  readonly bytes: number;
}

const eventOverheadBytes = 64;

export function eventKey(event: StoreEvent): string {
  return event.kind === 'put' ? event.kv.key : event.key;
}

export function transactionBytes(events: readonly StoreEvent[]): number {
  let bytes = eventOverheadBytes;
  for (const event of events) {
    bytes += eventOverheadBytes + eventKey(event).length + (event.previous?.value.length ?? 0);
    if (event.kind === 'put') bytes += event.kv.value.length;
  }
  return bytes;
}
