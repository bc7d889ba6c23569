import type { ObjectReference } from '@berth/api';

/** Something that the owner of an object should know. */
export interface EventReport {
  readonly about: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** One word in CamelCase, e.g. `FailedScheduling`. */
  readonly reason: string;
  readonly message: string;
  /** Who says so, e.g. `replica-set-controller`, `berth-agent`. */
  readonly component: string;
  /** The node, of events that happened on one. */
  readonly host?: string;
  /** The message stands for several different ones. */
  readonly isCombined?: boolean;
}

/** Best effort: never waits, never fails. */
export type RecordEvent = (event: EventReport) => void;

/** Who reports, and about what. */
export function sourceOf({ component, host = '', about }: EventReport): string {
  const { kind = '', namespace = '', name = '', uid = '', fieldPath = '' } = about;
  return [component, host, kind, namespace, name, uid, fieldPath].join(' ');
}
