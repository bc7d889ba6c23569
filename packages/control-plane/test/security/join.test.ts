import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JoinError, joinCluster } from '../../src/security/join-client.ts';
import { type JoinServer, startJoinServer } from './join-server.ts';

const dayMs = 24 * 3_600_000;
const addresses = {
  apiAddress: '10.0.0.2:6443',
  gatewayAddress: '10.0.0.2:6444',
  peerAddress: '10.0.0.2:6445',
  directoryId: '11111111-2222-4333-8444-555555555555',
  alternativeNames: ['10.0.0.2', 'berth.example.org'],
};

let server: JoinServer;
beforeAll(async () => {
  server = await startJoinServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function refusalOf(joining: Promise<unknown>): Promise<JoinError> {
  return joining.then(
    () => Promise.reject(new Error('joined')),
    (error: unknown) => (error instanceof JoinError ? error : Promise.reject(error)),
  );
}

describe('an agent', () => {
  test('gets a certificate for a key that never left it, the CA, the servers and the settings', async () => {
    const token = await server.token('agent');
    const joined = await joinCluster({ url: server.url, token: token.text, name: 'n1' });
    const certificate = new X509Certificate(joined.certificate);
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1');
    expect(certificate.checkPrivateKey(createPrivateKey(joined.privateKey))).toBe(true);
    expect(joined.caCertificate).toBe(server.authority.certificate);
    expect(joined.servers).toEqual([{ name: 's1', apiAddress: '10.0.0.1:6443', gatewayAddress: '10.0.0.1:6444' }]);
    expect(joined.settings).toEqual({
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      clusterDomain: 'cluster.local',
    });
    expect(joined.server).toBeUndefined();
  });

  test('stops at a server of another cluster, says so in one sentence, and has sent nothing', async () => {
    await using other = await startJoinServer();
    const token = await other.token('agent');
    const before = server.requests.length;
    const refusal = await refusalOf(joinCluster({ url: server.url, token: token.text, name: 'n2' }));
    expect(refusal.message).toBe(
      `the server at ${new URL(server.url).host} belongs to another cluster: its CA certificate has hash ${server.authority.hash}, the token wants ${other.authority.hash}`,
    );
    expect(refusal.retry).toBe(false);
    expect(server.requests.slice(before)).toEqual(['/berth/v1/ca']);
  });

  test('is told when its token has expired, and when it was revoked', async () => {
    const expired = await server.token('agent', 60);
    server.world.advance(61_000);
    const late = await refusalOf(joinCluster({ url: server.url, token: expired.text, name: 'n3' }));
    expect(late.message).toContain(`join token ${expired.id} expired at `);
    const revoked = await server.token('agent');
    await server.ledger.revoke(revoked.id);
    const refused = await refusalOf(joinCluster({ url: server.url, token: revoked.text, name: 'n3' }));
    expect(refused.message).toContain(`join token ${revoked.id} is unknown: it was revoked`);
    expect(refused.retry).toBe(false);
  });

  test('cannot join with a token for servers', async () => {
    const token = await server.token('server');
    const refusal = await refusalOf(joinCluster({ url: server.url, token: token.text, name: 'n4' }));
    expect(refusal.message).toBe(
      `join token ${token.id} admits servers only: an agent needs one made with "berth token create --role agent"`,
    );
  });

  test('cannot take the name of a node that exists', async () => {
    const token = await server.token('agent');
    await joinCluster({ url: server.url, token: token.text, name: 'n5' });
    server.present.add('node/n5');
    server.world.advance(dayMs / 48);
    const again = await refusalOf(joinCluster({ url: server.url, token: token.text, name: 'n5' }));
    expect(again.message).toContain('another machine has joined as node n5');
  });

  test('can take the name of a node that was deleted, but not within ten minutes of its join', async () => {
    const token = await server.token('agent');
    await joinCluster({ url: server.url, token: token.text, name: 'n6' });
    const early = await refusalOf(joinCluster({ url: server.url, token: token.text, name: 'n6' }));
    expect(early.message).toContain('another machine has joined as node n6');
    server.world.advance(10 * 60_000);
    await expect(joinCluster({ url: server.url, token: token.text, name: 'n6' })).resolves.toBeDefined();
  });

  test.each(['', 'N1', 'a_b', '-a', 'a..b', 'a'.repeat(51)])('cannot be called %j', async (name) => {
    const token = await server.token('agent');
    const refusal = await refusalOf(joinCluster({ url: server.url, token: token.text, name }));
    expect(refusal.message).toMatch(/^name must /);
  });
});

describe('a server', () => {
  test('gets a certificate with its names, the key of the CA and the peers', async () => {
    const token = await server.token('server');
    const joined = await joinCluster({ url: server.url, token: token.text, name: 's2', server: addresses });
    const certificate = new X509Certificate(joined.certificate);
    expect(certificate.subject).toBe('O=system:servers\nCN=system:server:s2');
    for (const name of ['s2', 'berth.example.org', 'localhost']) expect(certificate.checkHost(name)).toBe(name);
    for (const address of ['10.0.0.2', '127.0.0.1', '10.96.0.1']) expect(certificate.checkIP(address)).toBe(address);
    expect(joined.server).toEqual({
      caKey: server.authority.privateKey,
      membership: { memberId: 7, groupId: 'g' },
      peers: [{ name: 's1', peerAddress: '10.0.0.1:6445' }],
    });
  });

  test('cannot be made from a token for agents', async () => {
    const token = await server.token('agent');
    const refusal = await refusalOf(joinCluster({ url: server.url, token: token.text, name: 's3', server: addresses }));
    expect(refusal.message).toBe(
      `join token ${token.id} admits agents only: a server needs one made with "berth token create --role server"`,
    );
  });

  test('must say where it can be reached', async () => {
    const token = await server.token('server');
    const refusal = await refusalOf(
      joinCluster({
        url: server.url,
        token: token.text,
        name: 's4',
        server: { ...addresses, peerAddress: '10.0.0.2' },
      }),
    );
    expect(refusal.message).toBe('server.peerAddress: must look like "10.0.0.1:6443", got "10.0.0.2"');
  });
});

test('who tries out tokens has to wait after ten of them, even with a good one', async () => {
  await using guarded = await startJoinServer();
  const good = await guarded.token('agent');
  const guess = (digit: number): string => good.text.replace(/\.[0-9a-f]{32}\./, `.${String(digit).repeat(32)}.`);
  for (let digit = 0; digit < 10; digit++) {
    const refusal = await refusalOf(joinCluster({ url: guarded.url, token: guess(digit), name: 'n1' }));
    expect(refusal.message).toContain('not genuine');
  }
  const refusal = await refusalOf(joinCluster({ url: guarded.url, token: good.text, name: 'n1' }));
  expect(refusal.message).toMatch(/^too many failed joins from 127\.0\.0\.1: wait \d+ s$/);
  expect(refusal.retry).toBe(true);
  guarded.world.advance(60_000);
  await expect(joinCluster({ url: guarded.url, token: good.text, name: 'n1' })).resolves.toBeDefined();
});

test('a server that cannot be reached is worth another try', async () => {
  const token = await server.token('agent');
  await using gone = await startJoinServer();
  const { url } = gone;
  await gone[Symbol.asyncDispose]();
  const refusal = await refusalOf(joinCluster({ url, token: token.text, name: 'n9' }));
  expect(refusal).toMatchObject({ retry: true, message: expect.stringContaining(`cannot reach ${new URL(url).host}`) });
});
