declare const logIndexBrand: unique symbol;

/** Position of an entry in the log. The first entry has index 1; 0 stands before it. */
export type LogIndex = number & { readonly [logIndexBrand]: true };

/** Checks the range once; afterwards the type is trusted. */
export function logIndex(value: number): LogIndex {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`a log index must be a whole number >= 0, got ${value}`);
  return value as LogIndex;
}

export const beforeLog: LogIndex = logIndex(0);

/** The index `count` places further on (or back, when negative). No range check: for arithmetic on trusted indexes. */
export function indexAfter(index: LogIndex, count = 1): LogIndex {
  return (index + count) as LogIndex;
}

export function lowerIndex(a: LogIndex, b: LogIndex): LogIndex {
  return a < b ? a : b;
}

export function higherIndex(a: LogIndex, b: LogIndex): LogIndex {
  return a > b ? a : b;
}
