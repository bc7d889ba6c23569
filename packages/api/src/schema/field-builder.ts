import type { IntOrString } from '../quantity/int-or-string.ts';
import type { Field, FieldFacts } from './field.ts';
import type { FieldsOf, Message } from './message.ts';
import type { IntegerType, ListFacts, MapType, TextType, ValueType } from './value-type.ts';

/** The words of schema constants: one function per shape of a field, each taking protobuf number and description first. */

type Optional<Value> = Field<Value, 'optional'>;
type TextFacts = FieldFacts<string> & Omit<TextType, 'kind'>;
type IntegerFacts = FieldFacts<number> & Omit<IntegerType, 'kind' | 'bits'>;

export function text(number: number, description: string, facts: TextFacts = {}): Optional<string> {
  const { values, format, bytesMax, ...rest } = facts;
  return optional(number, description, { kind: 'text', ...given({ values, format, bytesMax }) }, rest);
}

export function int32(number: number, description: string, facts: IntegerFacts = {}): Optional<number> {
  return integer(32, number, description, facts);
}

export function int64(number: number, description: string, facts: IntegerFacts = {}): Optional<number> {
  return integer(64, number, description, facts);
}

export function flag(number: number, description: string, facts: FieldFacts<boolean> = {}): Optional<boolean> {
  return optional(number, description, { kind: 'boolean' }, facts);
}

export function quantity(number: number, description: string, facts: FieldFacts<string> = {}): Optional<string> {
  return optional(number, description, { kind: 'quantity' }, facts);
}

export function time(number: number, description: string, facts: FieldFacts<string> = {}): Optional<string> {
  return optional(number, description, { kind: 'time', precision: 'seconds' }, facts);
}

export function microTime(number: number, description: string, facts: FieldFacts<string> = {}): Optional<string> {
  return optional(number, description, { kind: 'time', precision: 'micros' }, facts);
}

export function intOrString(
  number: number,
  description: string,
  facts: FieldFacts<IntOrString> = {},
): Optional<IntOrString> {
  return optional(number, description, { kind: 'int-or-string' }, facts);
}

export function json(
  number: number,
  description: string,
  facts: FieldFacts<Readonly<Record<string, unknown>>> = {},
): Optional<Readonly<Record<string, unknown>>> {
  return optional(number, description, { kind: 'json' }, facts);
}

/** One message. */
export function nested<Value extends object>(
  number: number,
  description: string,
  message: Message<Value>,
  facts: FieldFacts<Value> = {},
): Optional<Value> {
  return optional(number, description, { kind: 'message', message }, facts);
}

/** A list of messages. */
export function list<Element extends object>(
  number: number,
  description: string,
  message: Message<Element>,
  facts: FieldFacts<readonly Element[]> & ListFacts = {},
): Optional<readonly Element[]> {
  return listOf(number, description, { kind: 'message', message }, facts);
}

export function texts(
  number: number,
  description: string,
  facts: FieldFacts<readonly string[]> & ListFacts & { readonly each?: Omit<TextType, 'kind'> } = {},
): Optional<readonly string[]> {
  const { each, ...rest } = facts;
  return listOf(number, description, { kind: 'text', ...each }, rest);
}

export function integers(
  number: number,
  description: string,
  facts: FieldFacts<readonly number[]> & ListFacts & { readonly each?: Omit<IntegerType, 'kind' | 'bits'> } = {},
): Optional<readonly number[]> {
  const { each, ...rest } = facts;
  return listOf(number, description, { kind: 'integer', bits: 64, ...each }, rest);
}

type TextMap = Readonly<Record<string, string>>;
type MapFacts = FieldFacts<TextMap> & Omit<MapType, 'kind' | 'of'>;

export function textMap(number: number, description: string, facts: MapFacts = {}): Optional<TextMap> {
  return mapOf(number, description, { kind: 'text' }, facts);
}

export function quantityMap(number: number, description: string, facts: MapFacts = {}): Optional<TextMap> {
  return mapOf(number, description, { kind: 'quantity' }, facts);
}

export function bytesMap(number: number, description: string, facts: MapFacts = {}): Optional<TextMap> {
  return mapOf(number, description, { kind: 'bytes' }, facts);
}

/** All fields of a message, directly in JSON; in protobuf they lie in a nested message with this number. */
export function embedded<Value extends object>(number: number, message: Message<Value>): FieldsOf<Value> {
  const fields = message.fieldList.map(({ name, ...field }) => [name, { ...field, embeddedIn: number }]);
  return Object.fromEntries(fields) as FieldsOf<Value>;
}

function integer(bits: 32 | 64, number: number, description: string, facts: IntegerFacts): Optional<number> {
  const { min, max, rule, ...rest } = facts;
  return optional(number, description, { kind: 'integer', bits, ...given({ min, max, rule }) }, rest);
}

function listOf<Element>(
  number: number,
  description: string,
  of: ValueType,
  facts: FieldFacts<readonly Element[]> & ListFacts,
): Optional<readonly Element[]> {
  const { listType, mapKeys, mergeKey, unique, itemsMax, ...rest } = facts;
  const listFacts = given({ listType, mapKeys, mergeKey, unique, itemsMax });
  return optional(number, description, { kind: 'list', of, ...listFacts }, rest);
}

function mapOf(number: number, description: string, of: ValueType, facts: MapFacts): Optional<TextMap> {
  const { atomic, ...rest } = facts;
  return optional(number, description, { kind: 'map', of, ...given({ atomic }) }, rest);
}

function optional<Value>(
  number: number,
  description: string,
  type: ValueType,
  facts: FieldFacts<Value>,
): Optional<Value> {
  return { number, description, presence: 'optional', type, ...facts };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The entries that have a value. */
function given<T extends object>(facts: T): Given<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as Given<T>;
}
