import { type Revision, revision } from '@berth/store';

/** Where a listing in pages goes on. */
export interface ContinuePoint {
  /** Of the first page; absent in tokens handed out with a 410: then the rest is read as it is now. */
  readonly revision?: Revision;
  /** The next key, without the prefix of the listing: a token of one listing never reads outside it. */
  readonly start: string;
}

/** Opaque to clients; may change with any release. */
export function encodeContinue(point: ContinuePoint): string {
  return Buffer.from(JSON.stringify({ v: 1, rv: point.revision ?? -1, start: point.start })).toString('base64url');
}

/** Undefined when the token is not one of ours. */
export function decodeContinue(token: string): ContinuePoint | undefined {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  const { v, rv, start } = content as Readonly<Record<string, unknown>>;
  if (v !== 1 || typeof rv !== 'number' || typeof start !== 'string' || !isKeyText(start)) return undefined;
  if (rv === -1) return { start };
  return Number.isSafeInteger(rv) && rv > 0 ? { revision: revision(rv), start } : undefined;
}

/** Keys are ASCII without U+0000. */
function isKeyText(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 1 || code > 127) return false;
  }
  return true;
}
