import { PatchError } from './patch-error.ts';

/** How elements of a list are told apart: by themselves, or by the value of their merge key. */
export type Identity = (element: unknown) => unknown;

/**
 * Puts a merged list in order: elements that the patch speaks of as the patch has them, all others as they stood,
 * woven together so that each other element stays before the named ones that it stood before.
 */
export function orderMerged(
  merged: readonly unknown[],
  wished: readonly unknown[],
  original: readonly unknown[],
  identity: Identity,
): readonly unknown[] {
  const wishedPlaces = placesOf(wished, identity);
  const originalPlaces = placesOf(original, identity);
  const place = (places: ReadonlyMap<unknown, number>) => (element: unknown) => places.get(identity(element)) ?? -1;
  const wishedPlace = place(wishedPlaces);
  const originalPlace = place(originalPlaces);
  const named = merged.filter((element) => wishedPlaces.has(identity(element)));
  const others = merged.filter((element) => !wishedPlaces.has(identity(element)));
  named.sort((left, right) => wishedPlace(left) - wishedPlace(right));
  others.sort((left, right) => originalPlace(left) - originalPlace(right));
  return weave(others, named, originalPlace);
}

function weave(
  others: readonly unknown[],
  named: readonly unknown[],
  originalPlace: (element: unknown) => number,
): readonly unknown[] {
  const woven: unknown[] = [];
  let next = 0;
  for (const element of named) {
    const place = originalPlace(element);
    while (next < others.length && place >= 0) {
      const otherPlace = originalPlace(others[next]);
      if (otherPlace < 0 || otherPlace >= place) break;
      woven.push(others[next]);
      next += 1;
    }
    woven.push(element);
  }
  return [...woven, ...others.slice(next)];
}

/** The patch may only list what the wished order lists, and in that order: otherwise one of them is a mistake. */
export function checkOrder(
  field: string,
  patch: readonly unknown[],
  wished: readonly unknown[],
  identity: Identity,
): void {
  const places = placesOf(wished, identity);
  let last = -1;
  for (const element of patch) {
    const place = places.get(identity(element));
    if (place === undefined || place < last) {
      const shown = JSON.stringify(identity(element));
      throw new PatchError(
        'malformed',
        `The order in patch list doesn't match $setElementOrder list: ${field} at ${shown}`,
      );
    }
    last = place;
  }
}

function placesOf(elements: readonly unknown[], identity: Identity): ReadonlyMap<unknown, number> {
  const places = new Map<unknown, number>();
  elements.forEach((element, index) => {
    const key = identity(element);
    if (!places.has(key)) places.set(key, index);
  });
  return places;
}
