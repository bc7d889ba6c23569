import { PatchError, refusePrototypeKey } from './patch-error.ts';

/** The reference tokens of a JSON Pointer (RFC 6901); the empty pointer is the whole document. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) {
    throw new PatchError('malformed', `a JSON pointer must begin with "/", got ${JSON.stringify(pointer)}`);
  }
  return pointer.slice(1).split('/').map(unescapeToken);
}

/** `~1` before `~0`, so that `~01` becomes `~1` and not `/`. */
function unescapeToken(token: string): string {
  if (/~(?![01])/.test(token)) {
    throw new PatchError('malformed', `in a JSON pointer "~" must be followed by 0 or 1, got ${JSON.stringify(token)}`);
  }
  const plain = token.replaceAll('~1', '/').replaceAll('~0', '~');
  refusePrototypeKey(plain);
  return plain;
}

/** A place in a list: digits without a leading zero, up to and with `limit`. */
export function listIndex(token: string, limit: number): number {
  const index = /^(?:0|[1-9][0-9]{0,9})$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > limit) {
    throw new PatchError('inapplicable', `${JSON.stringify(token)} is no place in a list of ${limit} elements`);
  }
  return index;
}
