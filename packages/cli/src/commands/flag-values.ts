import { InvalidArgumentError } from 'commander';

/** Parsers of flag values; each throws what commander prints as one sentence. */

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`wanted a whole number, got "${text}"`);
  return Number(text);
}

export function oneOf<const T extends readonly string[]>(allowed: T): (text: string) => T[number] {
  return (text) => {
    if (!allowed.includes(text)) throw new InvalidArgumentError(`wanted one of ${allowed.join(', ')}, got "${text}"`);
    return text;
  };
}

/** `40ms`, `1.5s` in milliseconds; at most ten seconds. */
export function milliseconds(text: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  const value = Number(count) * (unit === 's' ? 1_000 : 1);
  if (!(value >= 0 && value <= 10_000))
    throw new InvalidArgumentError(`wanted a time such as 40ms, at most 10s, got "${text}"`);
  return value;
}

/** `1%` as 1. */
export function percent(text: string): number {
  const value = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN);
  if (!(value >= 0 && value <= 100)) throw new InvalidArgumentError(`wanted a share such as 1%, got "${text}"`);
  return value;
}

/** `90m`, `24h`, `7d` in seconds. */
export function seconds(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit];
  if (count === undefined || unitSeconds === undefined)
    throw new InvalidArgumentError(`wanted a time such as 90m, 24h or 7d, got "${text}"`);
  return Number(count) * unitSeconds;
}

/** `dc-2`, `dc2` or `2`. */
export function dataCenter(text: string): number {
  const number = /^(?:dc-?)?(\d{1,2})$/.exec(text)?.[1];
  if (number === undefined) throw new InvalidArgumentError(`wanted a data center such as dc-2 or 2, got "${text}"`);
  return Number(number);
}
