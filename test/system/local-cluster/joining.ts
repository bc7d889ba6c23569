import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import type { Cluster } from '../support/cluster.ts';
import { attempt } from '../support/command.ts';
import { until } from '../support/waiting.ts';

/** Who may join a cluster and who may not, in the sentences that a user sees. `shortLived` is a token that lives a minute, made when the cluster started. */
export function joining(cluster: Cluster, shortLived: () => string): void {
  let folder = '';
  let url = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'berth-joining-'));
    const [server] = (await cluster.servers()).items;
    url = `https://${server?.apiAddress}`;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const tokenFor = async (role: string): Promise<string> =>
    (await cluster.berth('token', 'create', '--role', role)).trim();
  /** What a machine that may not join says before it gives up. */
  const refusedAgent = async (token: string, name = 'intruder'): Promise<string> => {
    const args = ['agent', '--name', name, '--data-dir', join(folder, name), '--server', url, '--token', token];
    const { code, stdout, stderr } = await cluster.attemptBerth(args);
    expect(code, `${stdout}${stderr}`).toBe(1);
    return stdout + stderr;
  };

  test('a token with the hash of another CA stops the join before anything secret is sent', async () => {
    const token = await tokenFor('agent');
    const foreign = `${token.slice(0, token.lastIndexOf('.') + 1)}${'0'.repeat(64)}`;
    expect(await refusedAgent(foreign)).toMatch(
      /belongs to another cluster: its CA certificate has hash [0-9a-f]{64}, the token wants 0{64}/,
    );
  });

  test('a revoked token, a token of the other role, a wrong secret and a taken name are refused with the reason', async () => {
    const token = await tokenFor('agent');
    const [, , id = '', secret = ''] = token.split('.');
    expect(await refusedAgent(token.replace(secret, '0'.repeat(32)))).toMatch(/token .*(secret|not valid|wrong)/i);
    expect(await refusedAgent(token, 'node-1')).toContain('another machine has joined as node node-1');
    await cluster.berth('token', 'revoke', id);
    expect(await refusedAgent(token)).toMatch(/token .*(unknown|revoked)/i);
    expect(await cluster.berth('token', 'list')).not.toContain(id);
    const forServers = await tokenFor('server');
    expect(await refusedAgent(forServers)).toMatch(/server/i);
    await cluster.berth('token', 'revoke', forServers.split('.')[2] ?? '');
  });

  test('an expired token is refused as expired', async () => {
    const id = shortLived().split('.')[2] ?? '';
    await until({
      what: 'the token has expired',
      withinMs: 90_000,
      look: () => cluster.berth('token', 'list'),
      isSo: (list) => new RegExp(`${id}.*expired`).test(list),
    });
    expect(await refusedAgent(shortLived())).toMatch(/expired/);
  });

  test('nobody who was refused became a node', async () => {
    expect((await cluster.kubectl.run('get', 'nodes', '-o', 'name')).trim().split('\n')).toEqual([
      'node/node-1',
      'node/node-2',
      'node/node-3',
      'node/node-4',
    ]);
  });

  test("an agent's certificate does not open the API", async () => {
    const identity = JSON.parse(
      readFileSync(join(cluster.folder, 'data/node-1/identity/identity.json'), 'utf8'),
    ) as NodeIdentity;
    using client = new ApiClient(url, {
      ca: identity.caCertificate,
      certificate: identity.certificate,
      key: identity.privateKey,
    });
    const { body, code } = await client.ask({ path: '/api/v1/secrets' });
    expect(code).toBe(403);
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: 403, reason: 'Forbidden' });
  });

  test('the gateway and the consensus port want a certificate of the cluster', async () => {
    const host = new URL(url).hostname;
    for (const port of [6444, 6445]) {
      const stranger = await attempt('curl', [
        '--silent',
        '--show-error',
        '--insecure',
        '--http2-prior-knowledge',
        '--max-time',
        '5',
        `https://${host}:${port}/`,
      ]);
      expect(stranger.code, `port ${port} said ${stranger.stdout}`).not.toBe(0);
    }
  });
}

/** The part of an agent's identity file that makes a TLS client. */
interface NodeIdentity {
  readonly certificate: string;
  readonly privateKey: string;
  readonly caCertificate: string;
}
