import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServerHome, type ServerHomeOptions } from '../../src/composition/server-home.ts';
import { createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import type { Joined } from '../../src/security/join-client.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'berth-home-')), 'data');
});
afterEach(async () => {
  await rm(join(dataDir, '..'), { recursive: true });
});

function open(overrides: Partial<ServerHomeOptions> = {}) {
  return openServerHome({ world: realWorld, dataDir, name: 's1', settings: {}, ...overrides });
}

test('the first start makes a cluster, later ones find it again', async () => {
  const first = await open({ settings: { podCidr: '10.1.0.0/16' } });
  expect(first).toMatchObject({
    origin: 'founded',
    settings: { podCidr: '10.1.0.0/16', serviceCidr: '10.96.0.0/16', clusterDomain: 'cluster.local' },
  });
  const second = await open();
  expect(second.authority.hash).toBe(first.authority.hash);
  expect(second.settings).toEqual(first.settings);
  expect((await stat(join(dataDir, 'pki', 'ca.key'))).mode & 0o777).toBe(0o600);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
});

test('a server that is made anew around the authority of a lost one keeps it', async () => {
  const lost = await open();
  await rm(join(dataDir, 'server.json'));
  expect((await open()).authority.hash).toBe(lost.authority.hash);
});

test('what is fixed for a cluster cannot be changed by a flag', async () => {
  await open();
  await expect(open({ settings: { podCidr: '10.9.0.0/16' } })).rejects.toThrow(
    'podCidr is 10.244.0.0/16 since the cluster was made and cannot become 10.9.0.0/16',
  );
  await expect(open({ settings: { podCidr: '10.244.0.0/16' } })).resolves.toBeDefined();
});

test('a data directory belongs to one name', async () => {
  await open();
  await expect(open({ name: 's2' })).rejects.toThrow(`${dataDir} belongs to server s1, not to s2`);
});

test('without its certificate authority a server does not start', async () => {
  await open();
  await rm(join(dataDir, 'pki', 'ca.key'));
  await expect(open()).rejects.toThrow('the certificate authority is missing');
});

test('a server that joins gets all from the cluster, once; a second attempt after a crash comes with the same key', async () => {
  const authority = await createCertificateAuthority(realWorld);
  const keys: string[] = [];
  const crash = open({
    join: async ({ publicKey }) => {
      keys.push(publicKey);
      throw new Error('power cut');
    },
  });
  await expect(crash).rejects.toThrow('power cut');
  const joining = async ({ publicKey, privateKey }: { publicKey: string; privateKey: string }): Promise<Joined> => {
    keys.push(publicKey);
    return {
      privateKey,
      certificate: await authority.issue({ kind: 'server', name: 's1' }, publicKey),
      caCertificate: authority.certificate,
      clusterId: 'c1',
      servers: [],
      settings: { podCidr: '10.5.0.0/16', serviceCidr: '10.6.0.0/16', clusterDomain: 'berth.test' },
      server: { caKey: authority.privateKey, membership: { memberId: 7, groupId: 'g1' }, peers: [] },
    };
  };
  const home = await open({ join: joining });
  expect(keys[1]).toBe(keys[0]);
  expect(home).toMatchObject({
    origin: 'joined',
    clusterId: 'c1',
    membership: { memberId: 7, groupId: 'g1' },
    settings: { podCidr: '10.5.0.0/16', clusterDomain: 'berth.test' },
  });
  expect(home.authority.privateKey).toBe(authority.privateKey);
  const again = await open({ join: () => Promise.reject(new Error('it must not join twice')) });
  expect(again.membership).toEqual({ memberId: 7, groupId: 'g1' });
  expect(await readFile(join(dataDir, 'server.json'), 'utf8')).not.toContain('PRIVATE KEY');
});

test.each(['S1', 'a b', ''])('a server cannot be called %j', async (name) => {
  await expect(open({ name })).rejects.toThrow('--name: name must');
});

test.each([
  { settings: { podCidr: '10.244.0.0' }, message: '--pod-cidr: an IPv4 range such as' },
  { settings: { serviceCidr: '10.96.0.1/16' }, message: '--service-cidr: 10.96.0.1/16 has bits set' },
  { settings: { serviceCidr: '10.244.128.0/20' }, message: 'must not overlap' },
  { settings: { clusterDomain: 'Cluster' }, message: '--cluster-domain: ' },
])('a cluster is not made with $settings, and nothing is written', async ({ settings, message }) => {
  await expect(open({ settings })).rejects.toThrow(message);
  await expect(open()).resolves.toMatchObject({ settings: { podCidr: '10.244.0.0/16' } });
});
