declare const termBrand: unique symbol;

/** A reign: 0 before the first election, raised by every candidacy, never lowered. At most one leader per term. */
export type Term = number & { readonly [termBrand]: true };

/** Checks the range once; afterwards the type is trusted. */
export function term(value: number): Term {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`a term must be a whole number >= 0, got ${value}`);
  return value as Term;
}

export const noTerm: Term = term(0);
