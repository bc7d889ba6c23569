import { badRequest } from '@berth/api';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Deeper texts are refused: no object of the API comes near, and recursion over them would end in a full stack. */
const depthMax = 500;

/** Bytes as text; 400 when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw badRequest('the body is not valid UTF-8', { cause: error });
  }
}

/** A JSON text as plain values; `what` says in the message what it should have been. */
export function parseJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`${what}: json parse error: ${(error as Error).message}`, { cause: error });
  }
  if (isDeeper(value, depthMax)) throw badRequest(`${what}: json parse error: nested deeper than ${depthMax} levels`);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) if (isDeeper(member, levels - 1)) return true;
  return false;
}
