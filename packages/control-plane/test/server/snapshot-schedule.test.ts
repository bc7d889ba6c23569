import { readdir } from 'node:fs/promises';
import { verifySnapshot } from '@berth/store';
import { expect, test, vi } from 'vitest';
import { ApiClient, freePorts, startTestServer, temporaryFolder } from './running-server.ts';

vi.setConfig({ testTimeout: 60_000 });

test('a server saves snapshots by itself, keeps the newest, and tells when the last one was saved', async () => {
  await using folder = await temporaryFolder();
  const snapshots = `${folder.path}/snapshots`;
  const flags = ['--snapshot-every', '1s', '--snapshot-keep', '2', '--snapshot-dir', snapshots];
  await using running = new AsyncDisposableStack();
  const server = running.use(
    await startTestServer({ name: 's1', dataDir: folder.path, ports: await freePorts(3), flags }),
  );
  await server.ready();
  const saved = async (): Promise<readonly string[]> =>
    (await readdir(snapshots).catch(() => [])).filter((name) => name.endsWith('.snapshot')).sort();
  await expect.poll(saved, { timeout: 30_000 }).toHaveLength(2);
  const [first] = await saved();
  await expect.poll(saved, { timeout: 30_000 }).not.toContain(first);
  const admin = await ApiClient.admin(server);
  const metrics = String((await admin.get('/metrics')).body);
  expect(metrics).toMatch(/^berth_snapshot_last_success_timestamp_seconds [1-9]/m);
  expect(metrics).toMatch(/^berth_snapshot_failures_total 0$/m);
  await running.disposeAsync();
  const kept = await saved();
  expect(kept).toHaveLength(2);
  for (const name of kept) expect((await verifySnapshot(`${snapshots}/${name}`)).revision).toBeGreaterThan(0);
});
