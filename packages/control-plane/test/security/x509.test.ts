import 'reflect-metadata';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { realWorld } from '@berth/world';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { expect, test } from 'vitest';
import { createCertificateAuthority, leafLifetimeMs } from '../../src/security/certificate-authority.ts';
import { createCertificateRequest, generateKeyPair, publicKeyOfRequest } from '../../src/security/x509.ts';

const dayMs = 24 * 3_600_000;

test('an authority lives ten years and may sign leaf certificates only', async () => {
  const authority = new X509Certificate((await createCertificateAuthority(realWorld)).certificate);
  expect(authority.ca).toBe(true);
  expect(authority.verify(authority.publicKey)).toBe(true);
  expect((authority.validToDate.getTime() - Date.now()) / dayMs).toBeCloseTo(3650, 0);
  expect(authority.toLegacyObject()).toMatchObject({ subject: { CN: expect.stringMatching(/^berth-ca-/) } });
});

test('a server certificate names every way to reach the server and serves both ends of a connection', async () => {
  const authority = await createCertificateAuthority(realWorld);
  const keys = await generateKeyPair();
  const names = ['s1', 'berth.example.org', 'kubernetes.default.svc', '10.0.0.1', '::1'];
  const certificate = new X509Certificate(await authority.issue({ kind: 'server', name: 's1' }, keys.publicKey, names));
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  for (const name of ['s1', 'berth.example.org', 'kubernetes.default.svc'])
    expect(certificate.checkHost(name)).toBe(name);
  for (const address of ['10.0.0.1', '::1']) expect(certificate.checkIP(address)).toBe(address);
  expect(certificate.checkHost('other')).toBeUndefined();
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  expect(certificate.subject).toBe('O=system:servers\nCN=system:server:s1');
});

test('a node certificate is for a client, without names, valid 90 days from five minutes ago', async () => {
  const authority = await createCertificateAuthority(realWorld);
  const keys = await generateKeyPair();
  const before = Date.now();
  const certificate = new X509Certificate(
    await authority.issue({ kind: 'node', name: 'n1' }, keys.publicKey, ['evil']),
  );
  expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.subjectAltName).toBeUndefined();
  expect(certificate.ca).toBe(false);
  // Certificates count whole seconds.
  expect(Math.abs(certificate.validFromDate.getTime() - (before - 300_000))).toBeLessThan(5_000);
  expect(Math.abs(certificate.validToDate.getTime() - (before + leafLifetimeMs))).toBeLessThan(5_000);
});

test('serial numbers are positive, random and of 128 bits', async () => {
  const highest = { ...realWorld.random, bytes: (count: number) => new Uint8Array(count).fill(0xff) };
  const authority = await createCertificateAuthority({ ...realWorld, random: highest });
  expect(new X509Certificate(authority.certificate).serialNumber).toBe('F'.repeat(32));
  const other = await createCertificateAuthority(realWorld);
  expect(new X509Certificate(other.certificate).serialNumber).toMatch(/^[0-9A-F]{1,32}$/);
});

test('nothing of a request but its key reaches the certificate', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=berth-admin, O=system:masters',
    keys: pair,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'kubernetes' }])],
  });
  const authority = await createCertificateAuthority(realWorld);
  const key = await publicKeyOfRequest(request.toString('pem'));
  const certificate = new X509Certificate(await authority.issue({ kind: 'node', name: 'n1' }, key));
  expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
  expect(certificate.subjectAltName).toBeUndefined();
});

test('a request gives its key when it is signed by it', async () => {
  const keys = await generateKeyPair();
  expect(await publicKeyOfRequest(await createCertificateRequest(keys, 'n1'))).toBe(keys.publicKey);
});

test.each([
  { what: 'text that is no request', request: 'hello', sentence: 'must be PKCS #10 in PEM' },
  {
    what: 'a certificate in place of a request',
    request: '-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n',
    sentence: 'must be PKCS #10 in PEM',
  },
])('$what is refused', async ({ request, sentence }) => {
  await expect(publicKeyOfRequest(request)).rejects.toThrow(sentence);
});

test('a request signed by another key is refused', async () => {
  const [own, other] = [await generateKeyPair(), await generateKeyPair()];
  const forged = await createCertificateRequest({ publicKey: other.publicKey, privateKey: own.privateKey }, 'n1');
  await expect(publicKeyOfRequest(forged)).rejects.toThrow('not signed by its own key');
});

test('a key of another curve is refused', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=n1',
    keys: pair,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
  });
  await expect(publicKeyOfRequest(request.toString('pem'))).rejects.toThrow('must be for an ECDSA P-256 key');
});

test('a key that is no EC key cannot be certified', async () => {
  const { publicKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const authority = await createCertificateAuthority(realWorld);
  await expect(authority.issue({ kind: 'node', name: 'n1' }, publicKey)).rejects.toThrow();
});
