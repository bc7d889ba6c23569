import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EmbeddedCluster, until } from '../embedded-cluster.ts';

test('a file that rots under a running server is told of once, in words and in the metrics', {
  timeout: 20_000,
}, async () => {
  const told: string[] = [];
  const onDamage = (damage: string): void => void told.push(damage);
  await using cluster = await EmbeddedCluster.start(1, { scrubPauseMs: 10, onDamage });
  for (let i = 0; i < 20; i++) {
    const put = { kind: 'put', key: `/t/${i}`, value: Buffer.from('x') } as const;
    await cluster.at(0).txn({ compare: [], success: [put] });
  }
  // A restart moves what is in LevelDB's journal to a table.
  await cluster.stop(0);
  const store = await cluster.restart(0);
  const folder = join(cluster.optionsOf(0).dataDirectory, 'log');
  const [table] = (await readdir(folder)).filter((name) => name.endsWith('.ldb'));
  const path = join(folder, table as string);
  const passes = (rounds: number): number => store.metrics().scrub.filesChecked + rounds * 4;
  await until(() => store.metrics().scrub.filesChecked > 0);
  expect(store.metrics().scrub.damage).toEqual([]);
  const file = await open(path, 'r+');
  await file.write(Buffer.from([0xff, 0xff, 0xff]), 0, 3, 20);
  await file.close();
  await until(() => told.length > 0);
  const goal = passes(2);
  await until(() => store.metrics().scrub.filesChecked >= goal);
  expect(told).toEqual([expect.stringContaining(path)]);
  expect(store.metrics().scrub.damage).toEqual(told);
});
