import type { KeyRange } from './store.ts';

/** Sorts after every key: keys end at U+007F. Only legal as the end of a range. */
const afterLastKey = '\u0080';

/** A range with both ends, as the index wants it. */
export interface BoundedRange {
  readonly from: string;
  readonly to: string;
}

/** All keys that begin with `prefix`; the empty prefix means every key. */
export function prefixRange(prefix: string): BoundedRange {
  if (prefix === '') return { from: '\u0001', to: afterLastKey };
  const last = prefix.charCodeAt(prefix.length - 1);
  return { from: prefix, to: prefix.slice(0, -1) + String.fromCharCode(last + 1) };
}

/** The key itself followed by the lowest character: nothing sorts between the two. */
export function keyAfter(key: string): string {
  return `${key}\u0001`;
}

/** A single key is `[key, keyAfter(key))`. */
export function boundedRange(range: KeyRange): BoundedRange {
  return { from: range.from, to: range.to ?? keyAfter(range.from) };
}

export function inRange(range: BoundedRange, key: string): boolean {
  return key >= range.from && key < range.to;
}
