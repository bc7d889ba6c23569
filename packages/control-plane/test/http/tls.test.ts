import { connect } from 'node:http2';
import { type RequestOptions, request } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { realWorld } from '@berth/world';
import { afterEach, describe, expect, test } from 'vitest';
import { createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import { generateKeyPair } from '../../src/security/x509.ts';
import { openTlsServer, type TlsServer } from './tls-server.ts';

let host: TlsServer | undefined;
afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  host = undefined;
});

/** Code and body, or the error of the connection. */
async function fetchStatus({ address, ca }: TlsServer, path: string, options: RequestOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const sent = request({ ...address, path, ca, agent: false, ...options }, async (response) => {
    const body = Buffer.concat(await response.toArray()).toString();
    resolve(`${response.statusCode} ${body.startsWith('{') ? (JSON.parse(body).reason ?? '') : body}`);
  });
  sent.on('error', reject).end();
  return promise;
}

/** What a client gets that listens only after it has sent everything. */
async function answerAfterSending({ address, ca, admin }: TlsServer, request: string): Promise<string> {
  const socket = connectTls({ ...address, ca, ...admin });
  socket.pause();
  const sent = Promise.withResolvers<void>();
  socket.on('error', sent.reject).write(request, () => sent.resolve());
  await sent.promise;
  return Buffer.concat(await socket.toArray()).toString();
}

describe('over TLS', () => {
  test('a certificate of the cluster opens the API, none or a foreign one does not', async () => {
    host = await openTlsServer();
    const foreign = await createCertificateAuthority(realWorld);
    const keys = await generateKeyPair();
    const impostor = await foreign.issue({ kind: 'admin', name: 'berth-admin' }, keys.publicKey);
    expect(await fetchStatus(host, '/api/v1/nodes', host.admin)).toBe('200 ');
    expect(await fetchStatus(host, '/api/v1/nodes')).toBe('401 Unauthorized');
    expect(await fetchStatus(host, '/api/v1/nodes', { cert: impostor, key: keys.privateKey })).toBe('401 Unauthorized');
    expect(await fetchStatus(host, '/livez')).toBe('200 ok');
  });

  test('the certificate of a node opens nothing here', async () => {
    host = await openTlsServer();
    const node = await host.issue({ kind: 'node', name: 'n1' });
    expect(await fetchStatus(host, '/api/v1/nodes', node)).toBe('403 Forbidden');
  });

  test('plain text is not spoken on this port', async () => {
    host = await openTlsServer();
    const plain = fetch(`http://127.0.0.1:${host.address.port}/livez`);
    await expect(plain).rejects.toThrow();
    expect(await fetchStatus(host, '/livez')).toBe('200 ok');
  });

  test('a body that is too large is refused with a Status, not with a broken connection', async () => {
    host = await openTlsServer();
    const head = 'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const body = ' '.repeat(16 << 20);
    const answer = await answerAfterSending(host, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]+"reason":"RequestEntityTooLarge"/);
    expect(await fetchStatus(host, '/livez')).toBe('200 ok');
  });

  test('old versions of TLS are refused', async () => {
    host = await openTlsServer();
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    const socket = connectTls({ ...host.address, ca: host.ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }, resolve);
    socket.on('error', reject);
    await expect(promise).rejects.toThrow();
  });
});

describe('HTTP/2', () => {
  test('serves lists and watches, and closes', async () => {
    host = await openTlsServer({}, { http2: true });
    const session = connect(`https://127.0.0.1:${host.address.port}`, { ca: host.ca, ...host.admin });
    const list = session.request({ ':path': '/api/v1/namespaces' });
    const body = Buffer.concat(await list.toArray()).toString();
    expect(JSON.parse(body).kind).toBe('NamespaceList');
    const watch = session.request({ ':path': '/api/v1/namespaces?watch=1' });
    const lines = watch[Symbol.asyncIterator]();
    expect(String((await lines.next()).value)).toContain('"type":"ADDED"');
    const closed = new Promise((resolve) => session.once('close', resolve));
    await host.server.app.close();
    expect((await lines.next()).done).toBe(true);
    await closed;
  });

  test('is offered beside HTTP/1.1', async () => {
    host = await openTlsServer({}, { http2: true });
    expect(await fetchStatus(host, '/api/v1/nodes', host.admin)).toBe('200 ');
  });
});
