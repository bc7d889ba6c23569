import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { realWorld } from '@berth/world';
import { expect, test } from 'vitest';
import { memoryStore, prefixRange, type StoreEvent } from '../../src/index.ts';

const MiB = 1024 * 1024;

test('a thousand watchers of one range get the very same events', async () => {
  await using store = memoryStore(realWorld);
  const seen: (readonly StoreEvent[])[] = [];
  const watches = Array.from({ length: 1000 }, () =>
    store.watch(prefixRange('/pods/'), {
      events: (events) => {
        seen.push(events);
        return true;
      },
      end: () => undefined,
    }),
  );
  const put = (key: string) => ({ kind: 'put', key, value: new Uint8Array(0) }) as const;
  await store.txn({ compare: [], success: [put('/pods/a'), put('/nodes/n'), put('/pods/b')] });
  expect(seen).toHaveLength(1000);
  expect(new Set(seen).size).toBe(1);
  expect(seen[0]).toHaveLength(2);
  for (const watch of watches) watch[Symbol.dispose]();
  await store.txn({ compare: [], success: [put('/pods/c')] });
  expect(seen).toHaveLength(1000);
});

test('a hundred watchers that are stuck hold no memory, however much is written', { timeout: 20_000 }, async () => {
  const historyBytes = 4 * MiB;
  await using store = memoryStore(realWorld, { retention: { historyBytes } });
  const ends: string[] = [];
  for (let i = 0; i < 100; i++)
    store.watch(prefixRange('/'), { events: () => false, end: ({ kind }) => void ends.push(kind) });
  const before = await memoryBytes();
  for (let i = 0; i < 200; i++)
    await store.txn({ compare: [], success: [{ kind: 'put', key: '/a', value: new Uint8Array(MiB / 2) }] });
  expect(ends).toEqual(Array.from({ length: 100 }, () => 'slow'));
  expect((await memoryBytes()) - before).toBeLessThan(historyBytes + 4 * MiB);
});

test('a receiver that throws loses its own watch only', async () => {
  await using store = memoryStore(realWorld);
  const told: string[] = [];
  store.watch(prefixRange('/'), {
    events: () => {
      throw new Error('broken receiver');
    },
    end: (reason) => void told.push(reason.kind === 'failed' ? reason.error.message : reason.kind),
  });
  store.watch(prefixRange('/'), { events: () => told.push('sound') > 0, end: () => undefined });
  await store.txn({ compare: [], success: [{ kind: 'put', key: '/a', value: new Uint8Array(0) }] });
  expect(told).toEqual(['broken receiver', 'sound']);
});

test('a closed store ends its watches and says so', async () => {
  const store = memoryStore(realWorld);
  const ends: string[] = [];
  store.watch(prefixRange('/'), { events: () => true, end: ({ kind }) => void ends.push(kind) });
  await store[Symbol.asyncDispose]();
  expect(ends).toEqual(['closed']);
  await expect(store.txn({ compare: [], success: [] })).rejects.toMatchObject({ code: 'closed' });
});

test('the memory store forgets history beyond its bounds', async () => {
  await using store = memoryStore(realWorld, { retention: { historyBytes: 2000 } });
  const put = { kind: 'put', key: '/a', value: new Uint8Array(300) } as const;
  for (let i = 0; i < 20; i++) await store.txn({ compare: [], success: [put] });
  const { compactRevision, revision } = store.status();
  expect(compactRevision).toBeGreaterThan(10);
  expect(revision).toBe(21);
});

test('an election begins a new reign: what was decided before is refused', async () => {
  await using store = memoryStore(realWorld);
  const { leadership } = store.status();
  if (leadership.kind !== 'leader') throw new Error('a memory store leads at first');
  store.elect('lead');
  const put = { kind: 'put', key: '/a', value: new Uint8Array(0) } as const;
  await expect(store.txn({ compare: [], success: [put], fence: leadership.fence })).rejects.toMatchObject({
    code: 'fenced',
  });
  store.elect({ leaderless: 'two of three servers are gone' });
  await expect(store.txn({ compare: [], success: [put] })).rejects.toMatchObject({ code: 'unavailable' });
});

/** What is still in use once the garbage is gone. */
async function memoryBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // The second one waits for what the first one sweeps in the background.
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
