import { formatMicroTime, formatTime } from '../text/time.ts';
import { base64Encode } from './base64.ts';
import type { Message, NamedField } from './message.ts';
import { ProtobufError, ProtobufReader, type WireType } from './protobuf-reader.ts';
import type { ValueType } from './value-type.ts';

type Fields = Record<string, unknown>;

/**
 * Reads a message of Kubernetes' protobuf encoding into its JSON form, which still is to be decoded like any JSON: zero values
 * are in it, and unknown fields were passed over. Rules: embedded structs are nested messages, a Time without seconds is null.
 */
export function protobufDecode(message: Message<object>, bytes: Uint8Array): Readonly<Fields> {
  const value: Fields = {};
  readMessage(message, new ProtobufReader(bytes), value);
  return value;
}

interface FieldTable {
  readonly byNumber: ReadonlyMap<number, NamedField>;
  /** Tables of nested messages whose fields JSON has directly. */
  readonly embedded: ReadonlyMap<number, FieldTable>;
}

const tables = new WeakMap<Message<object>, FieldTable>();

function tableOf(message: Message<object>): FieldTable {
  let table = tables.get(message);
  if (table === undefined) {
    const own = message.fieldList.filter((field) => field.embeddedIn === undefined);
    const numbers = new Set(
      message.fieldList.map((field) => field.embeddedIn).filter((number) => number !== undefined),
    );
    const embedded = [...numbers].map((number) => {
      const fields = message.fieldList.filter((field) => field.embeddedIn === number);
      return [number, { byNumber: numbered(fields), embedded: new Map() }] as const;
    });
    table = { byNumber: numbered(own), embedded: new Map(embedded) };
    tables.set(message, table);
  }
  return table;
}

function numbered(fields: readonly NamedField[]): ReadonlyMap<number, NamedField> {
  return new Map(fields.filter((field) => field.number > 0).map((field) => [field.number, field]));
}

function readMessage(message: Message<object>, reader: ProtobufReader, into: Fields): void {
  readFields(tableOf(message), reader, into);
}

function readFields(table: FieldTable, reader: ProtobufReader, into: Fields): void {
  while (!reader.done) {
    const { number, wire } = reader.tag();
    const field = table.byNumber.get(number);
    const embedded = table.embedded.get(number);
    if (field !== undefined) readField(field, wire, reader, into);
    else if (embedded !== undefined && wire === 2) readFields(embedded, new ProtobufReader(reader.bytes()), into);
    else reader.skip(wire);
  }
}

function readField({ name, type }: NamedField, wire: WireType, reader: ProtobufReader, into: Fields): void {
  if (type.kind === 'list') {
    into[name] ??= [];
    const list = into[name] as unknown[];
    if (type.of.kind === 'integer' && wire === 2) readPacked(reader.bytes(), list);
    else list.push(readValue(type.of, wire, reader));
  } else if (type.kind === 'map') {
    into[name] ??= {};
    readEntry(type.of, new ProtobufReader(expectBytes(wire, reader)), into[name] as Fields);
  } else {
    into[name] = readValue(type, wire, reader);
  }
}

function readPacked(bytes: Uint8Array, list: unknown[]): void {
  const reader = new ProtobufReader(bytes);
  while (!reader.done) list.push(reader.integer());
}

function readEntry(of: ValueType, reader: ProtobufReader, map: Fields): void {
  let key = '';
  let value: unknown = null;
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === 2) key = reader.text();
    else if (number === 2) value = readValue(of, wire, reader);
    else reader.skip(wire);
  }
  // An own property whatever the key is: decoding refuses this one later.
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function readValue(type: ValueType, wire: WireType, reader: ProtobufReader): unknown {
  switch (type.kind) {
    case 'integer':
      expectWire(0, wire);
      return reader.integer();
    case 'boolean':
      expectWire(0, wire);
      return reader.varint() !== 0n;
    case 'text':
      expectWire(2, wire);
      return reader.text();
    case 'bytes':
      return base64Encode(expectBytes(wire, reader));
    case 'message': {
      const value: Fields = {};
      readMessage(type.message, new ProtobufReader(expectBytes(wire, reader)), value);
      return value;
    }
    case 'quantity':
      return readQuantity(new ProtobufReader(expectBytes(wire, reader)));
    case 'time':
      return readTime(type.precision, new ProtobufReader(expectBytes(wire, reader)));
    case 'int-or-string':
      return readIntOrString(new ProtobufReader(expectBytes(wire, reader)));
    case 'json':
      return readJson(new ProtobufReader(expectBytes(wire, reader)));
    case 'list':
    case 'map':
      throw new ProtobufError(`a ${type.kind} cannot stand inside a list or map`);
    default:
      return unreachable(type);
  }
}

/** `Quantity { 1: string }`. */
function readQuantity(reader: ProtobufReader): unknown {
  return single(reader, 1, 2, () => reader.text()) ?? '0';
}

/** `Time { 1: seconds int64, 2: nanos int32 }`; empty means absence. */
function readTime(precision: 'seconds' | 'micros', reader: ProtobufReader): string | null {
  let seconds: number | undefined;
  let nanos = 0;
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === 0) seconds = reader.integer();
    else if (number === 2 && wire === 0) nanos = reader.integer();
    else reader.skip(wire);
  }
  if (seconds === undefined) return null;
  const wallMs = seconds * 1000 + nanos / 1_000_000;
  return precision === 'seconds' ? formatTime(wallMs) : formatMicroTime(wallMs);
}

/** `IntOrString { 1: type (0 int, 1 string), 2: intVal, 3: strVal }`. */
function readIntOrString(reader: ProtobufReader): number | string {
  let isText = false;
  let integer = 0;
  let text = '';
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1 && wire === 0) isText = reader.integer() === 1;
    else if (number === 2 && wire === 0) integer = reader.integer();
    else if (number === 3 && wire === 2) text = reader.text();
    else reader.skip(wire);
  }
  return isText ? text : integer;
}

/** `FieldsV1 { 1: raw JSON }`. */
function readJson(reader: ProtobufReader): unknown {
  const text = single(reader, 1, 2, () => reader.text());
  if (text === undefined || text === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtobufError('a raw field holds no JSON');
  }
}

function single<Value>(
  reader: ProtobufReader,
  wanted: number,
  wantedWire: WireType,
  read: () => Value,
): Value | undefined {
  let value: Value | undefined;
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === wanted && wire === wantedWire) value = read();
    else reader.skip(wire);
  }
  return value;
}

function expectBytes(wire: WireType, reader: ProtobufReader): Uint8Array {
  expectWire(2, wire);
  return reader.bytes();
}

function expectWire(wanted: WireType, found: WireType): void {
  if (wanted !== found) throw new ProtobufError(`wire type ${wanted} is wanted, found ${found}`);
}

function unreachable(type: never): never {
  throw new TypeError(`unknown value type ${JSON.stringify(type)}`);
}
