import { joinPath } from '../errors/fault-list.ts';
import { canonicalQuantity, QuantityError } from '../quantity/quantity.ts';
import { formatMicroTime, formatTime, parseTime } from '../text/time.ts';
import { base64Fault } from './base64.ts';
import type { Message, NamedField } from './message.ts';
import type { IntegerType, ValueType } from './value-type.ts';

/** A value whose JSON type is not the field's, in the words of Kubernetes' decoder. */
export interface TypeFault {
  readonly path: string;
  readonly message: string;
}

export interface Decoded<T> {
  /** A fresh object: known fields only, quantities and times in canonical text, nothing that means absence. */
  readonly value: T;
  /** Paths of dropped fields, e.g. `spec.containers[0].imag`, in the order of the input. */
  readonly unknownFields: readonly string[];
  readonly typeFaults: readonly TypeFault[];
}

type Json = Readonly<Record<string, unknown>>;

/** Reports of one kind are cut off here; more help nobody. */
const reportsMax = 100;

/** Parses untrusted JSON by the schema. `null` means absence, as in Go. The input is not changed. */
export function structuralDecode<T extends object>(message: Message<T>, input: unknown): Decoded<T> {
  const walk = new DecodeWalk();
  const value = walk.message(message, input);
  return { value: value as T, unknownFields: walk.unknownFields, typeFaults: walk.typeFaults };
}

class DecodeWalk {
  readonly unknownFields: string[] = [];
  readonly typeFaults: TypeFault[] = [];
  readonly #place: (string | number)[] = [];
  /** The message that holds the field being decoded; its name is part of Kubernetes' wording. */
  #owner = '';

  message(message: Message<object>, input: unknown): object {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      this.#mistyped(input, `v1.${shortName(message)}`);
      return {};
    }
    const owner = this.#owner;
    this.#owner = shortName(message);
    const value: Record<string, unknown> = {};
    for (const name of Object.keys(input)) {
      const given = (input as Json)[name];
      const field = message.fieldsByName.get(name);
      if (field === undefined) {
        if (given !== undefined) this.#unknown(name);
      } else if (given !== undefined && given !== null) {
        this.#place.push(name);
        const decoded = this.#value(field.type, given);
        this.#place.pop();
        if (decoded !== undefined && (field.keepZero === true || !isZero(field, decoded))) value[name] = decoded;
      }
    }
    this.#owner = owner;
    return value;
  }

  #value(type: ValueType, given: unknown): unknown {
    switch (type.kind) {
      case 'text':
        return typeof given === 'string' ? given : this.#mistyped(given, 'string');
      case 'integer':
        return this.#integer(type, given);
      case 'boolean':
        return typeof given === 'boolean' ? given : this.#mistyped(given, 'bool');
      case 'quantity':
        return this.#quantity(given);
      case 'time':
        return this.#time(type.precision, given);
      case 'int-or-string':
        if (typeof given === 'string') return given;
        return this.#integer({ kind: 'integer', bits: 32 }, given);
      case 'bytes':
        return this.#bytes(given);
      case 'json':
        return typeof given === 'object' && !Array.isArray(given) ? given : this.#mistyped(given, 'object');
      case 'list':
        return this.#list(type.of, given);
      case 'map':
        return this.#map(type.of, given);
      case 'message':
        return this.message(type.message, given);
      default:
        return unreachable(type);
    }
  }

  #list(of: ValueType, given: unknown): unknown {
    if (!Array.isArray(given)) return this.#mistyped(given, goType({ kind: 'list', of }));
    return given.map((element: unknown, index) => {
      this.#place.push(index);
      const decoded = this.#value(of, element ?? zeroOf(of));
      this.#place.pop();
      return decoded;
    });
  }

  #map(of: ValueType, given: unknown): unknown {
    if (typeof given !== 'object' || Array.isArray(given)) return this.#mistyped(given, goType({ kind: 'map', of }));
    const map: Record<string, unknown> = {};
    for (const key of Object.keys(given as Json).sort()) {
      this.#place.push(`[${key}]`);
      if (key === '__proto__') this.#fault('the key "__proto__" is not accepted');
      else map[key] = this.#value(of, (given as Json)[key] ?? zeroOf(of));
      this.#place.pop();
    }
    return map;
  }

  #integer(type: IntegerType, given: unknown): number | undefined {
    const limit = type.bits === 32 ? 2 ** 31 : Number.MAX_SAFE_INTEGER;
    const fits = typeof given === 'number' && Number.isInteger(given) && given >= -limit && given < limit;
    if (fits) return given === 0 ? 0 : given;
    return this.#mistyped(given, `int${type.bits}`, typeof given === 'number' ? `number ${given}` : undefined);
  }

  #quantity(given: unknown): string | undefined {
    if (typeof given !== 'string' && typeof given !== 'number') return this.#mistyped(given, 'resource.Quantity');
    try {
      return canonicalQuantity(String(given).trim());
    } catch (error) {
      if (!(error instanceof QuantityError)) throw error;
      return this.#fault(error.message);
    }
  }

  #time(precision: 'seconds' | 'micros', given: unknown): string | undefined {
    if (typeof given !== 'string') return this.#mistyped(given, 'v1.Time');
    const wallMs = parseTime(given);
    if (wallMs === undefined) {
      return this.#fault(`parsing time ${JSON.stringify(given)}: must be RFC 3339, e.g. "2006-01-02T15:04:05Z"`);
    }
    return precision === 'seconds' ? formatTime(wallMs) : formatMicroTime(wallMs);
  }

  #bytes(given: unknown): string | undefined {
    if (typeof given !== 'string') return this.#mistyped(given, '[]uint8');
    const fault = base64Fault(given);
    return fault === undefined ? given : this.#fault(fault);
  }

  #unknown(name: string): void {
    if (this.unknownFields.length < reportsMax) this.unknownFields.push(joinPath([...this.#place, name]));
  }

  #mistyped(given: unknown, wanted: string, found = jsonKind(given)): undefined {
    const place = joinPath(this.#place);
    const target = this.#place.length === 0 ? 'Go value' : `Go struct field ${this.#owner}.${place}`;
    return this.#fault(`json: cannot unmarshal ${found} into ${target} of type ${wanted}`, { named: true });
  }

  #fault(text: string, { named } = { named: false }): undefined {
    if (this.typeFaults.length >= reportsMax) return;
    const path = joinPath(this.#place);
    this.typeFaults.push({ path, message: named ? text : `${path}: ${text}` });
  }
}

function isZero(field: NamedField, value: unknown): boolean {
  if (field.type.kind === 'list') return (value as readonly unknown[]).length === 0;
  if (field.type.kind === 'map') return Object.keys(value as object).length === 0;
  return value === '' || value === 0 || value === false;
}

/** What Go makes of a null inside a list or map. */
function zeroOf(type: ValueType): unknown {
  switch (type.kind) {
    case 'text':
    case 'bytes':
      return '';
    case 'integer':
    case 'int-or-string':
      return 0;
    case 'quantity':
      return '0';
    case 'boolean':
      return false;
    case 'list':
      return [];
    case 'time':
      return undefined;
    case 'json':
    case 'map':
    case 'message':
      return {};
    default:
      return unreachable(type);
  }
}

function jsonKind(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function shortName(message: Message<object>): string {
  return message.name.slice(message.name.lastIndexOf('.') + 1);
}

function goType(type: ValueType): string {
  switch (type.kind) {
    case 'text':
      return 'string';
    case 'integer':
      return `int${type.bits}`;
    case 'boolean':
      return 'bool';
    case 'quantity':
      return 'resource.Quantity';
    case 'time':
      return 'v1.Time';
    case 'int-or-string':
      return 'intstr.IntOrString';
    case 'bytes':
      return '[]uint8';
    case 'json':
      return 'object';
    case 'list':
      return `[]${goType(type.of)}`;
    case 'map':
      return `map[string]${goType(type.of)}`;
    case 'message':
      return `v1.${shortName(type.message)}`;
    default:
      return unreachable(type);
  }
}

function unreachable(type: never): never {
  throw new TypeError(`unknown value type ${JSON.stringify(type)}`);
}
