/** A number, or a percentage as text: `maxSurge: 1` or `maxSurge: "25%"`. */
export type IntOrString = number | string;

const percentShape = /^([0-9]+)%$/;

/** The number in front of the `%`, or undefined when the text is no percentage. */
export function percentOf(text: string): number | undefined {
  const parts = percentShape.exec(text);
  return parts === null ? undefined : Number(parts[1]);
}

/**
 * A number as it is, a percentage of `total` rounded as asked: Kubernetes rounds `maxSurge` up and `maxUnavailable` down.
 * Throws a RangeError on any other text.
 */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  if (percent === undefined)
    throw new RangeError(`a number or percentage such as "25%" is wanted, got ${JSON.stringify(value)}`);
  const exact = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
