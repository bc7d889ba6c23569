/** No vowels and no look-alikes, so that random names spell no words: the alphabet of Kubernetes. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

const nameLengthMax = 63;
export const nameSuffixLength = 5;

/** The random end of a generated name. `integer(below)` gives a whole number in [0, below). */
export function nameSuffix(integer: (below: number) => number): string {
  let suffix = '';
  for (let at = 0; at < nameSuffixLength; at += 1) suffix += alphabet.charAt(integer(alphabet.length));
  return suffix;
}

/** `generateName` plus a suffix, cut so that the whole fits into 63 characters. */
export function generatedName(base: string, suffix: string): string {
  return base.slice(0, nameLengthMax - suffix.length) + suffix;
}

/** Maps digits (or any text) onto the same alphabet. */
export function safeText(text: string): string {
  let safe = '';
  for (let at = 0; at < text.length; at += 1) safe += alphabet.charAt(text.charCodeAt(at) % alphabet.length);
  return safe;
}
