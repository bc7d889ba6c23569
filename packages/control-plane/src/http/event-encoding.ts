import type { StoreEvent } from '@berth/store';
import type { Transition } from '../registry/object-transition.ts';

/** Writes one change in one form, e.g. as JSON bytes or as a table of one row. */
export interface EventForm {
  /** Distinguishes forms that write the same change differently. */
  readonly key: string;
  encode(transition: Transition): Buffer;
}

/** Changes whose encodings are kept; watchers hear of a change within one turn of the event loop, so few are enough. */
const eventsKept = 64;

/** Encodes each change once per form, however many watchers there are. */
export class EventEncodings {
  readonly #kept = new Map<StoreEvent, Map<string, Buffer>>();
  #encoded = 0;

  /** Encodings made so far: what a test of sharing looks at. */
  get encoded(): number {
    return this.#encoded;
  }

  of(event: StoreEvent, transition: Transition, form: EventForm): Buffer {
    const forms = this.#formsOf(event);
    const key = `${transition.type} ${form.key}`;
    let bytes = forms.get(key);
    if (bytes === undefined) {
      bytes = form.encode(transition);
      this.#encoded += 1;
      forms.set(key, bytes);
    }
    return bytes;
  }

  #formsOf(event: StoreEvent): Map<string, Buffer> {
    const known = this.#kept.get(event);
    if (known !== undefined) return known;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= eventsKept && oldest !== undefined) this.#kept.delete(oldest);
    const forms = new Map<string, Buffer>();
    this.#kept.set(event, forms);
    return forms;
  }
}
