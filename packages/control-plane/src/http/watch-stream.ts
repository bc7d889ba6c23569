import { ApiError, internalError } from '@berth/api';
import type { Revision, StoreEvent, WatchEnd, WatchSink } from '@berth/store';
import { HistoryGoneError, type Selects, transitionOf } from '../registry/object-transition.ts';
import type { EventEncodings } from './event-encoding.ts';
import type { ResponseStream } from './response-stream.ts';
import { errorLine, type WatchForm } from './watch-form.ts';

export interface WatchStreamOptions {
  readonly response: ResponseStream;
  readonly encodings: EventEncodings;
  readonly form: WatchForm;
  readonly selects: Selects | undefined;
  readonly bookmarks: boolean;
  /** Counts what was sent. */
  onSent(events: number): void;
  /** Last call. */
  onEnd(reason: WatchEnd): void;
}

/** Feeds one client from the watch of the store: selects, encodes (once for all watchers), and never lets it fall far behind. */
export class WatchStream implements WatchSink {
  readonly #options: WatchStreamOptions;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
  }

  events(events: readonly StoreEvent[], _revision: Revision): boolean {
    const { response, encodings, form, selects, onSent } = this.#options;
    let sent = 0;
    for (const event of events) {
      const transition = transitionOf(event, selects);
      if (transition === undefined) continue;
      if (!response.offer(encodings.of(event, transition, form))) return false;
      sent += 1;
    }
    onSent(sent);
    return true;
  }

  bookmark(revision: Revision): boolean {
    const { response, form, bookmarks } = this.#options;
    return bookmarks ? response.offer(form.bookmark(revision)) : true;
  }

  end(reason: WatchEnd): void {
    const error = refusalOf(reason);
    if (error !== undefined) this.#options.response.offer(errorLine(error.status));
    this.#options.onEnd(reason);
  }
}

/** What the client is told before the stream ends; nothing when the server closes or the client was too slow to be told anything. */
function refusalOf(reason: WatchEnd): ApiError | undefined {
  switch (reason.kind) {
    case 'compacted':
      return expired();
    case 'failed':
      if (reason.error instanceof HistoryGoneError) return expired();
      return internalError('the watch broke off; watch again from the last resourceVersion seen', reason.error);
    case 'slow':
    case 'closed':
      return undefined;
    default:
      return reason satisfies never;
  }
}

function expired(): ApiError {
  return new ApiError('Expired', 'The resourceVersion for the provided watch is too old.');
}
