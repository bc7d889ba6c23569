import type { Message } from './message.ts';

/** A syntax of text. `check` answers undefined, or what is wrong. */
export interface TextFormat {
  /** For OpenAPI and people. */
  readonly name: string;
  check(text: string): string | undefined;
}

/** What a value looks like in JSON, and how protobuf carries it. The walkers of this folder switch over `kind`. */
export type ValueType =
  | TextType
  | IntegerType
  | { readonly kind: 'boolean' }
  /** A resource amount; kept in canonical text. */
  | { readonly kind: 'quantity' }
  /** RFC 3339 text; kept in UTC, in whole seconds or microseconds. */
  | { readonly kind: 'time'; readonly precision: 'seconds' | 'micros' }
  /** A number or a text, e.g. a port or its name. */
  | { readonly kind: 'int-or-string' }
  /** Base64 text. */
  | { readonly kind: 'bytes' }
  /** Any JSON object, not looked into. */
  | { readonly kind: 'json' }
  | ListType
  | MapType
  | { readonly kind: 'message'; readonly message: Message<object> };

export interface TextType {
  readonly kind: 'text';
  /** The only texts allowed. */
  readonly values?: readonly string[];
  readonly format?: TextFormat;
  readonly bytesMax?: number;
}

export interface IntegerType {
  readonly kind: 'integer';
  readonly bits: 32 | 64;
  readonly min?: number;
  readonly max?: number;
  /** Kubernetes' words for the range, where they are special. */
  readonly rule?: string;
}

export interface ListType extends ListFacts {
  readonly kind: 'list';
  readonly of: ValueType;
}

/** How lists behave under the kinds of patches. */
export interface ListFacts {
  /** Server-side apply: one unit, a set of values, or elements known by `mapKeys`. */
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly mapKeys?: readonly string[];
  /** Strategic merge patch: the field by which elements are known. */
  readonly mergeKey?: string;
  /** Elements may not share the value of this field; validation says `Duplicate value`. */
  readonly unique?: string;
  readonly itemsMax?: number;
}

export interface MapType {
  readonly kind: 'map';
  readonly of: ValueType;
  /** Server-side apply treats the map as one unit. */
  readonly atomic?: boolean;
}
