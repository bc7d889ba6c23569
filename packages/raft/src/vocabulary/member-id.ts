declare const memberIdBrand: unique symbol;

/**
 * Names one data directory for ever: never given twice, also not after its member was removed (rule 44). A server that
 * lost its directory comes back under a new id.
 */
export type MemberId = number & { readonly [memberIdBrand]: true };

/** Checks the range once; afterwards the type is trusted. */
export function memberId(value: number): MemberId {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`a member id must be a whole number >= 1, got ${value}`);
  return value as MemberId;
}
