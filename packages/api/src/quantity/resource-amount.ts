import { parseQuantity } from './quantity.ts';

/**
 * Amounts as plain numbers for arithmetic in hot paths. Rounded up to the unit; above 2^53 - 1 they stay there.
 * All throw a `QuantityError` on text that is no quantity.
 */

const plain = /^([0-9]{1,12})(m|k|M|G|Ki|Mi|Gi)?$/;

const unitFactors: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Thousandths of a core: `"2"` is 2000, `"500m"` is 500. */
export function cpuMillis(text: string): number {
  const parts = plain.exec(text);
  if (parts !== null) {
    const count = Number(parts[1]);
    if (parts[2] === 'm') return count;
    if (parts[2] === undefined) return count * 1000;
  }
  return wholeUnits(text, 1_000_000n);
}

/** Bytes of memory or storage, or any count: `"1Ki"` is 1024, `"1500m"` is 2. */
export function wholeAmount(text: string): number {
  const parts = plain.exec(text);
  if (parts !== null && parts[2] !== 'm') {
    const amount = Number(parts[1]) * (parts[2] === undefined ? 1 : (unitFactors[parts[2]] ?? 1));
    if (amount <= Number.MAX_SAFE_INTEGER) return amount;
  }
  return wholeUnits(text, 1_000_000_000n);
}

/** The amount of a resource in its natural unit: thousandths for `cpu`, whole units for all others. */
export function resourceAmount(resource: string, text: string): number {
  return resource === 'cpu' ? cpuMillis(text) : wholeAmount(text);
}

function wholeUnits(text: string, nanosPerUnit: bigint): number {
  const { nanos } = parseQuantity(text);
  const units = nanos / nanosPerUnit + (nanos % nanosPerUnit > 0n ? 1n : 0n);
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(units > limit ? limit : units < -limit ? -limit : units);
}
