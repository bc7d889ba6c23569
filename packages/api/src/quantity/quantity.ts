/**
 * An exact resource amount, as Kubernetes' `resource.Quantity`: a decimal number with a suffix. Kept in nano-units, the
 * finest that the format knows; anything finer is rounded up when parsed.
 */
export interface Quantity {
  readonly nanos: bigint;
  /** How it was written, and so how it is printed: `1k`, `1Ki`, `1e3`. */
  readonly style: QuantityStyle;
}

export type QuantityStyle = 'decimal' | 'binary' | 'exponent';

export class QuantityError extends Error {
  constructor(text: string) {
    super(
      `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$', e.g. "2", "500m" ` +
        `or "1.5Gi", got ${JSON.stringify(text)}`,
    );
    this.name = 'QuantityError';
  }
}

const nano = 1_000_000_000n;
const largestBinary = (2n ** 63n - 1n) * nano;
/** Longer texts are no amounts; bounds the work on hostile input. */
const textLengthMax = 64;
const exponentMax = 64;

/** Power of ten of each decimal suffix. */
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffixes: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
/** Power of 1024 of each binary suffix is its place plus one. */
const binarySuffixes: readonly string[] = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?[0-9]{1,9}))$/;

/** Throws a `QuantityError` that shows the text. */
export function parseQuantity(text: string): Quantity {
  const parts = text.length > textLengthMax ? null : shape.exec(text);
  if (parts === null) throw new QuantityError(text);
  const [, sign, whole = '', fraction = '', binary, decimal, exponent] = parts;
  if (whole === '' && fraction === '') throw new QuantityError(text);
  const digits = BigInt(whole + fraction);
  const magnitude =
    binary === undefined
      ? scaleByTen(digits, decimalPower(text, decimal, exponent) - fraction.length)
      : capped(
          roundUp(digits * nano * 1024n ** BigInt(binarySuffixes.indexOf(binary) + 1), 10n ** BigInt(fraction.length)),
        );
  return {
    nanos: sign === '-' ? -magnitude : magnitude,
    style: binary !== undefined ? 'binary' : exponent !== undefined ? 'exponent' : 'decimal',
  };
}

/** The one canonical text of an amount: no fraction, the largest suffix that leaves none. */
export function formatQuantity({ nanos, style }: Quantity): string {
  if (nanos === 0n) return '0';
  if (style === 'binary' && nanos % nano === 0n && magnitudeOf(nanos) >= 1024n * nano)
    return formatBinary(nanos / nano);
  const suffixIsExponent = style === 'exponent';
  let mantissa = nanos;
  let power = -9;
  while (mantissa % 1000n === 0n && (suffixIsExponent || power < 18)) {
    mantissa /= 1000n;
    power += 3;
  }
  if (suffixIsExponent) return power === 0 ? `${mantissa}` : `${mantissa}e${power}`;
  return `${mantissa}${decimalSuffixes[power / 3 + 3]}`;
}

/** Below this no binary suffix of `plainShape` reaches the largest amount. */
const uncappedBinary = 8_000_000;
const plainShape = /^([1-9][0-9]{0,14})(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;

/** `formatQuantity(parseQuantity(text))`, quick for the texts that people write. */
export function canonicalQuantity(text: string): string {
  const plain = plainShape.exec(text);
  if (plain !== null) {
    const mantissa = Number(plain[1]);
    const isBinary = plain[2]?.endsWith('i') === true;
    const isSafe = !isBinary || mantissa < uncappedBinary;
    if (isSafe && mantissa % (isBinary ? 1024 : 1000) !== 0) return text;
  }
  return formatQuantity(parseQuantity(text));
}

export function compareQuantities(left: Quantity, right: Quantity): -1 | 0 | 1 {
  return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
}

/** The sum, written in the style of the first one that is not zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos + right.nanos, style: left.nanos === 0n ? right.style : left.style };
}

export function isNegative(quantity: Quantity): boolean {
  return quantity.nanos < 0n;
}

/** Rounded up to whole thousandths, as Kubernetes does for amounts of resources. */
export function roundUpToMilli({ nanos, style }: Quantity): Quantity {
  return { nanos: roundUp(nanos, 1_000_000n) * 1_000_000n, style };
}

function decimalPower(text: string, suffix: string | undefined, exponent: string | undefined): number {
  if (exponent === undefined) return decimalExponents[suffix ?? ''] ?? 0;
  const power = Number(exponent);
  if (Math.abs(power) > exponentMax) throw new QuantityError(text);
  return power;
}

function scaleByTen(digits: bigint, power: number): bigint {
  const nanoPower = power + 9;
  return nanoPower >= 0 ? digits * 10n ** BigInt(nanoPower) : roundUp(digits, 10n ** BigInt(-nanoPower));
}

/** Division that rounds away from zero when the dividend is positive, as `resource.Quantity` does. */
function roundUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor > 0n ? quotient + 1n : quotient;
}

function capped(nanos: bigint): bigint {
  return nanos > largestBinary ? largestBinary : nanos;
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function formatBinary(units: bigint): string {
  let mantissa = units;
  let place = 0;
  while (place < binarySuffixes.length && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    place += 1;
  }
  return place === 0 ? `${mantissa}` : `${mantissa}${binarySuffixes[place - 1]}`;
}
