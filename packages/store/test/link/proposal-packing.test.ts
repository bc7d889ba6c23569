import { expect, test } from 'vitest';
import { packProposals, unpackProposals } from '../../src/link/proposal-packing.ts';

test('proposals cross to the other thread unchanged, whatever their size', () => {
  const sizes = [0, 1, 7, 300, 70_000];
  const proposals = sizes.map((size, index) => ({
    session: 2 ** 40 + index,
    sequence: index,
    ackedBelow: index,
    payload: new Uint8Array(size).fill(index),
  }));
  const { count, packed } = packProposals(proposals);
  const crossed = structuredClone({ count, packed }, { transfer: [packed] });
  expect(unpackProposals(crossed)).toEqual(proposals);
  expect(unpackProposals(packProposals([]))).toEqual([]);
});
