import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type AdminKubeconfigOptions, keepAdminKubeconfig } from '../../src/security/admin-kubeconfig.ts';
import { certificateAuthority, createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import { shiftedWorld } from './shifted-world.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'berth-kubeconfig-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

function unexpected(error: unknown): void {
  throw error;
}

async function clusterOptions() {
  const world = shiftedWorld();
  const looks: (() => void)[] = [];
  const timers = {
    ...world.timers,
    every: (_ms: number, run: () => void) => {
      looks.push(run);
      return { [Symbol.dispose]: () => void looks.splice(looks.indexOf(run), 1) };
    },
  };
  const authority = certificateAuthority(world, await createCertificateAuthority(world), 3 * 3_600_000);
  const options: AdminKubeconfigOptions = {
    world: { ...world, timers },
    dataDir,
    authority,
    server: 'https://10.0.0.1:6443',
  };
  return { world, looks, options };
}

const text = (): Promise<string> => readFile(join(dataDir, 'admin.kubeconfig'), 'utf8');

test('the file is for its owner alone, names the server and carries a certificate of an administrator', async () => {
  const { options } = await clusterOptions();
  using kept = await keepAdminKubeconfig(options, unexpected);
  expect((await stat(kept.path)).mode & 0o777).toBe(0o600);
  const { clusters, users } = parse(await text());
  expect(clusters[0].cluster.server).toBe('https://10.0.0.1:6443');
  const certificate = new X509Certificate(Buffer.from(users[0].user['client-certificate-data'], 'base64'));
  expect(certificate.subject).toBe('O=system:masters\nCN=berth-admin');
});

test('a restart keeps it, unless the server has moved', async () => {
  const { options } = await clusterOptions();
  const opened = async (server: string): Promise<string> => {
    using _kept = await keepAdminKubeconfig({ ...options, server }, unexpected);
    return text();
  };
  const first = await opened(options.server);
  expect(await opened(options.server)).toBe(first);
  expect(await opened('https://10.0.0.2:6443')).not.toBe(first);
});

test('a server that runs for years renews it, and stops looking when it is closed', async () => {
  const { world, looks, options } = await clusterOptions();
  using disposed = new DisposableStack();
  disposed.use(await keepAdminKubeconfig(options, unexpected));
  const first = await text();
  looks[0]?.();
  expect(await text()).toBe(first);
  world.advance(3 * 3_600_000);
  looks[0]?.();
  await expect.poll(text).not.toBe(first);
  disposed.dispose();
  expect(looks).toEqual([]);
});

test('a failure is reported and leaves the old file', async () => {
  const { world, looks, options } = await clusterOptions();
  const { promise: reported, resolve } = Promise.withResolvers<unknown>();
  let fails = false;
  const authority = {
    ...options.authority,
    issue: (...given: Parameters<typeof options.authority.issue>) =>
      fails ? Promise.reject(new Error('disk full')) : options.authority.issue(...given),
  };
  using _kept = await keepAdminKubeconfig({ ...options, authority }, resolve);
  const first = await text();
  fails = true;
  world.advance(3 * 3_600_000);
  looks[0]?.();
  expect(await reported).toMatchObject({ message: 'disk full' });
  expect(await text()).toBe(first);
});
