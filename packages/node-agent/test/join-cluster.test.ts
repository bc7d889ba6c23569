import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renew, renewalTimeMs } from '../src/identity/certificate-renewal.ts';
import { certificateRequest, newPrivateKey } from '../src/identity/certificate-request.ts';
import { joinCluster } from '../src/identity/join-cluster.ts';
import { IdentityFiles } from '../src/identity/node-identity.ts';
import { silentLog } from '../src/logging/log.ts';
import { TestAuthority } from './support/test-authority.ts';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let server: Server;
let authority: TestAuthority;
const asked: string[] = [];
let refusal: { readonly code: number; readonly message: string } | undefined;

/** The part of a server that lets nodes in. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'berth-join-'));
  authority = new TestAuthority();
  asked.length = 0;
  refusal = undefined;
  const issued = authority.issue('system:servers', 'system:server:s1');
  const options = {
    key: issued.privateKey,
    cert: issued.certificate,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
  };
  server = createServer(options, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`);
      const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
      if (request.url === '/berth/v1/ca') return response.end(JSON.stringify({ caCertificate: authority.certificate }));
      if (refusal !== undefined) {
        response.writeHead(refusal.code);
        return response.end(JSON.stringify({ kind: 'Status', message: refusal.message }));
      }
      const { port } = server.address() as AddressInfo;
      return response.end(
        JSON.stringify({
          certificate: authority.certify(
            'system:nodes',
            `system:node:${body.name ?? 'n1'}`,
            publicKeyOf(body.certificateRequest),
          ),
          caCertificate: authority.certificate,
          clusterId: 'c1',
          servers: [{ name: 's1', apiAddress: `127.0.0.1:${port}`, gatewayAddress: '127.0.0.1:1' }],
          settings: { podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', clusterDomain: 'cluster.local' },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The key stands whole in the request, behind the one header that P-256 keys have. */
function publicKeyOf(request: string): Uint8Array {
  const bytes = Buffer.from(request.replace(/-----[A-Z ]+-----/g, ''), 'base64');
  const header = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107', 'hex');
  const at = bytes.indexOf(header);
  return bytes.subarray(at, at + 91);
}

function url(): string {
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function token(change: { readonly role?: string; readonly caHash?: string } = {}): string {
  const hash = createHash('sha256').update(new X509Certificate(authority.certificate).raw).digest('hex');
  return `berth1.${change.role ?? 'agent'}.abcdefghij.${'0'.repeat(32)}.${change.caHash ?? hash}`;
}

function join1(text: string, servers: readonly string[] = [url()]) {
  const files = new IdentityFiles(folder);
  return joinCluster({
    nodeName: 'n1',
    servers,
    token: text,
    files,
    world: realWorld,
    log: silentLog,
    signal: new AbortController().signal,
  });
}

test('a node joins with a token and keeps who it is, for its owner’s eyes only', async () => {
  const identity = await join1(token());
  expect(identity).toMatchObject({ nodeName: 'n1', clusterId: 'c1', settings: { podCidr: '10.244.0.0/16' } });
  const certificate = new X509Certificate(identity.certificate);
  expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
  expect(certificate.publicKey.export({ type: 'spki', format: 'pem' })).toBe(
    createPublicKey(identity.privateKey).export({ type: 'spki', format: 'pem' }),
  );
  expect(await new IdentityFiles(folder).load()).toEqual(identity);
  const kept = join(folder, 'identity');
  expect(readdirSync(kept)).toEqual(['identity.json']);
  expect(statSync(join(kept, 'identity.json')).mode & 0o777).toBe(0o600);
});

test('a cluster with another CA is refused in one sentence, before anything secret is sent', async () => {
  const wanted = 'f'.repeat(64);
  await expect(join1(token({ caHash: wanted }))).rejects.toThrow(
    new RegExp(
      `^the server at 127\\.0\\.0\\.1:\\d+ belongs to another cluster: its CA certificate has hash [0-9a-f]{64}, the token wants ${wanted}$`,
    ),
  );
  expect(asked).toEqual(['GET /berth/v1/ca']);
});

test.each([
  { what: 'a token of another form', text: 'secret', message: 'the join token must look like' },
  { what: 'a token for servers', text: 'server', message: 'this token is for servers' },
])('$what is refused without asking anybody', async ({ text, message }) => {
  await expect(join1(text === 'server' ? token({ role: 'server' }) : text)).rejects.toThrow(message);
  expect(asked).toEqual([]);
});

test('what the server says of a token is passed on as it is, and not tried again', async () => {
  refusal = { code: 401, message: 'the join token abcdefghij expired at noon' };
  await expect(join1(token())).rejects.toThrow('the join token abcdefghij expired at noon');
  expect(asked).toHaveLength(2);
});

test('a server that cannot be reached is passed over, and the key of the first try is used again', async () => {
  const files = new IdentityFiles(folder);
  const key = newPrivateKey();
  await files.saveJoiningKey(key);
  const identity = await join1(token(), ['https://127.0.0.1:1', url()]);
  expect(identity.privateKey).toBe(key);
});

test('a certificate is renewed with a new key, for the identity that it has', async () => {
  let current = await join1(token());
  const before = current;
  const files = new IdentityFiles(folder);
  const onRenewed = (renewed: typeof current) => {
    current = renewed;
  };
  const told: string[] = [];
  const onServers = (servers: typeof current.servers) => told.push(...servers.map(({ name }) => name));
  const { signal } = new AbortController();
  await renew({ identity: () => current, onRenewed, onServers, files, signal }, ['https://127.0.0.1:1', url()]);
  expect(current.privateKey).not.toBe(before.privateKey);
  expect(current).toMatchObject({ clusterId: 'c1', settings: before.settings });
  expect(told).toEqual(current.servers.map(({ name }) => name));
  expect(await files.load()).toEqual(current);
  expect(asked.at(-1)).toBe('POST /berth/v1/certificates/renew');
});

test('renewal is due at two thirds of the life, or up to a twentieth later', () => {
  const { certificate } = authority.issue('system:nodes', 'system:node:n1', 90);
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const share =
    (renewalTimeMs(certificate, realWorld) - validFromDate.getTime()) /
    (validToDate.getTime() - validFromDate.getTime());
  expect(share).toBeGreaterThanOrEqual(2 / 3);
  expect(share).toBeLessThanOrEqual(2 / 3 + 1 / 20);
});

test('a certificate request is a PEM block of its own kind', () => {
  expect(certificateRequest(newPrivateKey(), 'n1')).toMatch(
    /^-----BEGIN CERTIFICATE REQUEST-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE REQUEST-----\n$/,
  );
});
