import type { FaultList } from '../errors/fault-list.ts';
import { deepEqual } from './deep-equal.ts';
import type { Message } from './message.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Reports fields marked `immutable` that differ. Looks into messages, not into lists. */
export function checkImmutableFields(message: Message<object>, next: object, old: object, faults: FaultList): void {
  for (const field of message.fieldList) {
    const after = (next as Fields)[field.name];
    const before = (old as Fields)[field.name];
    if (after === before) continue;
    if (field.immutable === true) {
      if (!deepEqual(after, before)) faults.invalid(field.name, after, 'field is immutable');
    } else if (field.type.kind === 'message' && after !== undefined && before !== undefined) {
      faults.enter(field.name);
      checkImmutableFields(field.type.message, after as object, before as object, faults);
      faults.leave();
    }
  }
}
