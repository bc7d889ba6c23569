import type { PatchStrategy } from './field.ts';
import type { ListFacts } from './value-type.ts';

/** Facts that many fields share. */

/** A list that is one unit for server-side apply, and is replaced as a whole by patches. */
export const atomicList: ListFacts = { listType: 'atomic' };

/** A list whose elements are known by one field, in patches and in server-side apply. */
export function mergedBy(key: string): ListFacts & { readonly patchStrategy: PatchStrategy } {
  return { listType: 'map', mapKeys: [key], mergeKey: key, patchStrategy: 'merge' };
}

/** Highest user or group id. */
export const idMax = 2_147_483_647;

export const permissionBits: { readonly min: number; readonly max: number; readonly rule: string } = {
  min: 0,
  max: 0o777,
  rule: 'must be a number between 0 and 0777 (octal), both inclusive',
};

export const schedulingWeight: { readonly min: number; readonly max: number; readonly rule: string } = {
  min: 1,
  max: 100,
  rule: 'must be in the range 1-100',
};

/** Why a field that Kubernetes defines is refused rather than accepted and passed over. */
export function notServed(what: string): string {
  return `${what} are not served by Berth yet`;
}
