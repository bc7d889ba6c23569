/** Standard base64 with padding (RFC 4648, section 4); line breaks inside are passed over, as Go's decoder does. */

const lineBreaks = /[\r\n]/g;

/** Undefined, or what is wrong with the text. */
export function base64Fault(text: string): string | undefined {
  const plain = withoutLineBreaks(text);
  const unpadded = plain.endsWith('==') ? plain.slice(0, -2) : plain.endsWith('=') ? plain.slice(0, -1) : plain;
  const foreign = unpadded.search(/[^A-Za-z0-9+/]/);
  if (foreign !== -1) return `illegal base64 data at input byte ${foreign}`;
  return plain.length % 4 === 0 ? undefined : `illegal base64 data at input byte ${plain.length}`;
}

export function base64Encode(bytes: Uint8Array): string {
  let binary = '';
  const chunk = 0x8000;
  for (let at = 0; at < bytes.length; at += chunk) binary += String.fromCharCode(...bytes.subarray(at, at + chunk));
  return btoa(binary);
}

/** Bytes of a text that `base64Fault` has nothing against. */
export function base64Decode(text: string): Uint8Array {
  const binary = atob(withoutLineBreaks(text));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Number of bytes that the text stands for. */
export function base64Length(text: string): number {
  const plain = withoutLineBreaks(text);
  const padding = plain.endsWith('==') ? 2 : plain.endsWith('=') ? 1 : 0;
  return Math.max(0, (plain.length / 4) * 3 - padding);
}

function withoutLineBreaks(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(lineBreaks, '') : text;
}
