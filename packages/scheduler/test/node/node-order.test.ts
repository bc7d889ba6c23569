import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NodeOrder } from '../../src/node/node-order.ts';

const capacity = 512;
const placeOf = (name: string): number => Math.floor(Number(name.slice(1)));

/** The order by its numbers, as those who compare two nodes see it. */
function byRank(order: NodeOrder, slots: readonly number[]): readonly number[] {
  return [...slots].sort((left, right) => (order.ranks[left] as number) - (order.ranks[right] as number));
}

test('nodes that come one by one, always between the same neighbours, keep their order when numbers run out', () => {
  const order = new NodeOrder(placeOf);
  const slots: number[] = [];
  for (let slot = 0; slot < 200; slot += 1) {
    // 0, 1000, then 999, 998, … : the gap before the one that came last is halved each time.
    order.add(slot, `n${slot === 0 ? 0 : 1001 - slot}`, capacity);
    slots.push(slot);
    order.settle();
    const wanted = [0, ...slots.slice(1).reverse()];
    expect(byRank(order, slots)).toEqual(wanted);
    expect([...order.slots()]).toEqual(wanted);
  }
});

test('whatever comes and goes, one by one or many at once, the order is that of the hashes, equals by name', () => {
  const change = fc.record({ slot: fc.nat(40), hash: fc.nat(20), settles: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
      const order = new NodeOrder(placeOf);
      const present = new Map<number, number>();
      for (const { slot, hash, settles } of changes) {
        if (present.delete(slot)) order.remove(slot);
        else {
          present.set(slot, hash);
          order.add(slot, `n${hash}.${String(slot).padStart(2, '0')}`, capacity);
        }
        if (settles) order.settle();
      }
      order.settle();
      const nameOf = (slot: number): string => `${present.get(slot)}.${String(slot).padStart(2, '0')}`;
      const wanted = [...present.keys()].sort((left, right) => Number(nameOf(left)) - Number(nameOf(right)));
      expect([...order.slots()]).toEqual(wanted);
      expect(byRank(order, wanted)).toEqual(wanted);
    }),
  );
});
