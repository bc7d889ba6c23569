declare const revisionBrand: unique symbol;

/**
 * The global version of the key space: 1 for the empty store, raised by one by every transaction that changes
 * something. All keys changed by one transaction share its revision. Travels as Kubernetes' `resourceVersion`.
 */
export type Revision = number & { readonly [revisionBrand]: true };

/** Checks the range once; afterwards the type is trusted. */
export function revision(value: number): Revision {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`a revision must be a whole number >= 0, got ${value}`);
  return value as Revision;
}
