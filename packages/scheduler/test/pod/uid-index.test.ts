import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UidIndex } from '../../src/pod/uid-index.ts';

test('finds exactly the pods that are in it, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(900), { minLength: 1, maxLength: 2_000 }), (changes) => {
      const uids: string[] = [];
      const index = new UidIndex(uids);
      const present = new Set<number>();
      for (const pod of changes) {
        if (present.delete(pod)) index.remove(pod);
        else {
          uids[pod] = `uid-${pod}`;
          index.add(pod);
          present.add(pod);
        }
      }
      for (let pod = 0; pod <= 900; pod += 1) expect(index.find(`uid-${pod}`)).toBe(present.has(pod) ? pod : -1);
    }),
    { numRuns: 20 },
  );
});
