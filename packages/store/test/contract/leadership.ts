import { expect } from 'vitest';
import type { Fence, Leadership, Store } from '../../src/index.ts';
import { type ContractCase, refused } from './subject.ts';

export const leadership: readonly ContractCase[] = [
  {
    title: 'every server learns who leads',
    async run(place) {
      const leaders = await Promise.all([place.store, place.other].map(settled));
      expect(leaders.filter((seen) => seen.kind === 'leaderless')).toEqual([]);
      expect(place.store.status().members.filter((member) => member.role === 'voter').length).toBeGreaterThan(0);
      expect(place.store.clusterId).toBe(place.other.clusterId);
    },
  },
  {
    title: 'a write under the present leadership is accepted, under any other refused',
    async run(place) {
      const { store, fence } = await leader([place.store, place.other]);
      const put = place.putting('a', '1');
      expect(await store.txn({ compare: [], success: [put], fence })).toMatchObject({ succeeded: true });
      const stale: Fence = { token: '0' };
      await refused('fenced', store.txn({ compare: [], success: [place.putting('a', '2')], fence: stale }));
      expect(await place.all()).toEqual(['a=1']);
    },
  },
];

async function settled(store: Store): Promise<Leadership> {
  const { promise, resolve } = Promise.withResolvers<Leadership>();
  using _listening = store.onLeadership((seen) => {
    if (seen.kind !== 'leaderless') resolve(seen);
  });
  return await promise;
}

/** Which of the servers leads; waits until one of them does. */
async function leader(stores: readonly Store[]): Promise<{ store: Store; fence: Fence }> {
  const { promise, resolve } = Promise.withResolvers<{ store: Store; fence: Fence }>();
  const listening = stores.map((store) =>
    store.onLeadership((seen) => {
      if (seen.kind === 'leader') resolve({ store, fence: seen.fence });
    }),
  );
  try {
    return await promise;
  } finally {
    for (const each of listening) each[Symbol.dispose]();
  }
}
