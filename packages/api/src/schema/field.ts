import type { ValueType } from './value-type.ts';

/**
 * - `required`: a request without it is refused.
 * - `filled`: may be left out of a request; every stored object has it (an empty message if nothing else).
 * - `optional`: may be absent.
 */
type Presence = 'required' | 'filled' | 'optional';

declare const value: unique symbol;

/** All that is known of one field of a message. `Value` is its type in the interface. */
export interface Field<Value, P extends Presence = Presence> extends FieldFacts<Value> {
  /** Number in protobuf; 0 for what travels in JSON alone. */
  readonly number: number;
  readonly description: string;
  readonly presence: P;
  readonly type: ValueType;
  /** Number of the nested message that holds this field in protobuf, where JSON has it directly (Go's embedded structs). */
  readonly embeddedIn?: number;
  /** Ties the field to its type in the interface; never set. */
  readonly [value]?: (value: Value) => Value;
}

export interface FieldFacts<Value> {
  /** What an absent field is given. */
  readonly default?: Value;
  /**
   * Absence differs from 0, false and "" (a pointer in Go). Otherwise these are dropped on arrival, like empty
   * lists and maps, so that equal objects have equal bytes.
   */
  readonly keepZero?: boolean;
  /** A required text or list may be given as empty. */
  readonly mayBeEmpty?: boolean;
  /** May not change once the object exists. */
  readonly immutable?: boolean;
  /** Why setting the field is refused, e.g. `NFS volumes are not served by Berth yet`. */
  readonly refused?: string;
  /** What a strategic merge patch does; absent: lists are replaced, messages and maps merged. */
  readonly patchStrategy?: PatchStrategy;
}

/** A field whose absence is refused. */
export function required<Value>(field: Field<Value>): Field<Value, 'required'> {
  return { ...field, presence: 'required', keepZero: true };
}

/** A field that every stored object has; a message that is absent becomes empty and gets the defaults of its own fields. */
export function filled<Value>(field: Field<Value>): Field<Value, 'filled'> {
  return { ...field, presence: 'filled', keepZero: true };
}

/** `merge` keeps elements of a list that the patch does not name; `retainKeys` drops fields that the patch does not list. */
export type PatchStrategy = 'merge' | 'replace' | 'retainKeys' | 'merge,retainKeys';
