import type { FaultList } from '../errors/fault-list.ts';
import type { Field } from './field.ts';

/** One field constant for every field of the interface, of its type, required exactly where the interface says so. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: FieldOf<T, K> };

type FieldOf<T, K extends keyof T> =
  Record<never, never> extends Pick<T, K>
    ? Field<Exclude<T[K], undefined>, 'optional'>
    : Field<T[K], 'required' | 'filled'>;

/** The same object while it is being made: fields may be set, nested objects too. */
export type Draft<T> = T extends readonly (infer Element)[]
  ? Draft<Element>[]
  : T extends object
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T;

/** What the rules of a message know besides its fields. */
export interface MessageRules<T> {
  /** As in Kubernetes' definitions, without `io.k8s.api.`: `core.v1.Container`. */
  readonly name: string;
  readonly description: string;
  readonly fields: FieldsOf<T>;
  /** Server-side apply treats the message as one unit. */
  readonly atomic?: boolean;
  /** Defaults that depend on other fields. Runs before the defaults of the fields. */
  fill?(value: Draft<T>): void;
  /** Rules over several fields; those of one field are facts. Runs after the fields were checked. */
  check?(value: T, faults: FaultList): void;
}

/** A message ready for the walkers. */
export interface Message<T> extends MessageRules<T> {
  /** In the order of the interface, which is the order of stored bytes. */
  readonly fieldList: readonly NamedField[];
  readonly fieldsByName: ReadonlyMap<string, NamedField>;
  /** Fields with something to do when they are absent: required, filled or with a default. */
  readonly awaited: readonly NamedField[];
}

export interface NamedField extends Field<unknown> {
  readonly name: string;
}

export function message<T extends object>(rules: MessageRules<NoInfer<T>>): Message<T> {
  const fieldList: NamedField[] = Object.entries<Field<unknown>>(rules.fields as Record<string, Field<unknown>>).map(
    ([name, field]) => ({ ...field, name }),
  );
  const awaited = fieldList.filter((field) => field.presence !== 'optional' || field.default !== undefined);
  return { ...rules, fieldList, awaited, fieldsByName: new Map(fieldList.map((field) => [field.name, field])) };
}
