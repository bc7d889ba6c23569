import { X509Certificate } from 'node:crypto';
import { copyFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { certificateAuthority, createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import { type Joined, joinCluster } from '../../src/security/join-client.ts';
import { nameClaims } from '../../src/security/name-claims.ts';
import { openServerCertificate, type ServerCertificateOptions } from '../../src/security/server-certificate.ts';
import { createCertificateRequest, generateKeyPair, publicKeyHash } from '../../src/security/x509.ts';
import { type JoinServer, startJoinServer } from './join-server.ts';
import { shiftedWorld } from './shifted-world.ts';

const dayMs = 24 * 3_600_000;

interface Identity {
  readonly certificate?: string;
  readonly privateKey?: string;
}

/** Asks for a renewal with a certificate, or without one. */
async function renew(
  server: JoinServer,
  identity: Identity,
  certificateRequest: string,
): Promise<{ readonly status: number; readonly body: Record<string, string> }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: Record<string, string> }>();
  const call = request(
    `${server.url}/berth/v1/certificates/renew`,
    {
      method: 'POST',
      agent: false,
      ca: server.authority.certificate,
      checkServerIdentity: () => undefined,
      cert: identity.certificate,
      key: identity.privateKey,
      headers: { 'content-type': 'application/json' },
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    },
  );
  call.on('error', reject);
  call.end(JSON.stringify({ certificateRequest }));
  return await promise;
}

async function joined(server: JoinServer, name: string): Promise<Joined> {
  const token = await server.token('agent');
  return await joinCluster({ url: server.url, token: token.text, name });
}

test('a node exchanges its certificate for one with a new key and goes on as the same node', async () => {
  await using server = await startJoinServer();
  const node = await joined(server, 'n1');
  const keys = await generateKeyPair();
  const answer = await renew(server, node, await createCertificateRequest(keys, 'somebody-else'));
  expect(answer.status).toBe(200);
  const certificate = new X509Certificate(answer.body['certificate'] ?? '');
  expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
  const claims = nameClaims(server.store, server.world);
  expect(await claims.holds('node', 'n1', publicKeyHash(keys.publicKey))).toBe(true);
  const oldKey = new X509Certificate(node.certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(await claims.holds('node', 'n1', publicKeyHash(oldKey))).toBe(true);
});

test('a certificate that ended while its machine slept is still good for a renewal', async () => {
  await using server = await startJoinServer({ leafLifetimeMs: -60_000 });
  const node = await joined(server, 'n1');
  expect(new X509Certificate(node.certificate).validToDate.getTime()).toBeLessThan(Date.now());
  const answer = await renew(server, node, await createCertificateRequest(await generateKeyPair(), 'n1'));
  expect(answer.status).toBe(200);
});

test('after 90 more days it is not, and the answer says in one line how to come back', async () => {
  await using server = await startJoinServer({ leafLifetimeMs: -60_000 });
  const node = await joined(server, 'n1');
  server.world.advance(90 * dayMs);
  const answer = await renew(server, node, await createCertificateRequest(await generateKeyPair(), 'n1'));
  expect(answer.status).toBe(401);
  expect(answer.body['message']).toMatch(
    /^the certificate of n1 ended at .*: join again with a new token \("berth token create --role agent"\)$/,
  );
});

test('a machine whose name was given to another one cannot renew', async () => {
  await using server = await startJoinServer();
  const before = await joined(server, 'n1');
  server.world.advance(11 * 60_000);
  await joined(server, 'n1');
  const answer = await renew(server, before, await createCertificateRequest(await generateKeyPair(), 'n1'));
  expect(answer.status).toBe(403);
  expect(answer.body['message']).toContain('the name n1 now belongs to another machine');
});

test.each(['no certificate', 'a certificate of another cluster', 'a forged authority'])('%s: 401', async (kind) => {
  await using server = await startJoinServer();
  const keys = await generateKeyPair();
  const other = await createCertificateAuthority(server.world);
  const certificate = await other.issue({ kind: 'node', name: 'n1' }, keys.publicKey);
  const identity: Record<string, Identity> = {
    'no certificate': {},
    'a certificate of another cluster': { certificate, privateKey: keys.privateKey },
    'a forged authority': { certificate: other.certificate, privateKey: other.privateKey },
  };
  const answer = await renew(server, identity[kind] ?? {}, await createCertificateRequest(keys, 'n1'));
  expect(answer.status).toBe(401);
});

test('servers renew themselves and are told so', async () => {
  await using server = await startJoinServer();
  const keys = await generateKeyPair();
  const certificate = await server.authority.issue({ kind: 'server', name: 's2' }, keys.publicKey, ['s2']);
  const identity = { certificate, privateKey: keys.privateKey };
  const answer = await renew(server, identity, await createCertificateRequest(keys, 's2'));
  expect(answer).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-renewal-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function serverOptions(overrides: Partial<ServerCertificateOptions> = {}) {
  const world = shiftedWorld();
  const authority = certificateAuthority(world, await createCertificateAuthority(world), 10 * 60_000);
  const reports: string[] = [];
  const options: ServerCertificateOptions = {
    world,
    folder,
    authority,
    identity: { kind: 'server', name: 's1' },
    alternativeNames: ['s1', '10.0.0.1'],
    report: ({ kind }) => void reports.push(kind),
    ...overrides,
  };
  return { world, options, reports };
}

test('a server certificate is replaced after two thirds of its life, and every endpoint hears of it', async () => {
  const { world, options, reports } = await serverOptions();
  using certificate = await openServerCertificate(options);
  const first = certificate.current;
  const seen: string[] = [];
  certificate.onChange((material) => void seen.push(material.certificate));
  // Its life is 15 minutes, five of which were over when it was made.
  world.advance(4 * 60_000);
  await certificate.renewIfDue();
  expect(certificate.current).toBe(first);
  world.advance(2 * 60_000);
  await certificate.renewIfDue();
  expect(certificate.current.certificate).not.toBe(first.certificate);
  expect(seen).toEqual([certificate.current.certificate]);
  expect(reports).toEqual(['renewed']);
});

test('a restart finds the certificate again, unless it is due or other names are wanted', async () => {
  const { world, options } = await serverOptions();
  const open = async (alternativeNames = options.alternativeNames): Promise<string> => {
    using certificate = await openServerCertificate({ ...options, alternativeNames });
    return certificate.current.certificate;
  };
  const first = await open();
  expect(await open()).toBe(first);
  const renamed = await open(['s1', '10.0.0.9']);
  expect(new X509Certificate(renamed).checkIP('10.0.0.9')).toBe('10.0.0.9');
  world.advance(6 * 60_000);
  expect(await open(['s1', '10.0.0.9'])).not.toBe(renamed);
});

test('a crash between the key file and the certificate file leads to a new pair', async () => {
  const { options } = await serverOptions();
  using first = await openServerCertificate(options);
  await rm(join(folder, 'server.key'));
  const other = await mkdtemp(join(tmpdir(), 'berth-renewal-'));
  using _other = await openServerCertificate({ ...options, folder: other });
  await copyFile(join(other, 'server.key'), join(folder, 'server.key'));
  await rm(other, { recursive: true });
  using second = await openServerCertificate(options);
  expect(second.current.certificate).not.toBe(first.current.certificate);
});

test('nobody but the owner can read keys, and no temporary files stay behind', async () => {
  const { options } = await serverOptions();
  using _certificate = await openServerCertificate(options);
  expect((await readdir(folder)).sort()).toEqual(['server.crt', 'server.key']);
  expect((await stat(join(folder, 'server.key'))).mode & 0o777).toBe(0o600);
});

test('a failed renewal is reported, the old certificate stays, and the next look tries again', async () => {
  const { world, options, reports } = await serverOptions();
  let fails = false;
  const authority = {
    ...options.authority,
    issue: (...given: Parameters<typeof options.authority.issue>) =>
      fails ? Promise.reject(new Error('disk full')) : options.authority.issue(...given),
  };
  using certificate = await openServerCertificate({ ...options, authority });
  const first = certificate.current;
  world.advance(6 * 60_000);
  fails = true;
  await certificate.renewIfDue();
  expect(certificate.current).toBe(first);
  fails = false;
  await certificate.renewIfDue();
  expect(certificate.current).not.toBe(first);
  expect(reports).toEqual(['failed', 'renewed']);
});
