import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { ApiClient } from '../src/client/api-client.ts';
import { findKubeconfig, loadKubeconfig } from '../src/client/kubeconfig.ts';
import { kubeconfigText } from '../src/commands/kubeconfig.ts';
import { status } from '../src/commands/status.ts';
import { createToken, listTokens, revokeToken } from '../src/commands/token.ts';
import { type ClusterFixture, openCluster, paper } from './cluster-fixture.ts';

// Processes and sockets, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cluster: ClusterFixture;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

test('a token is shown once, listed without its secret, and gone when revoked', async () => {
  const { id, token } = await createToken(cluster.client, { role: 'agent', ttlSeconds: 600, description: 'rack 7' });
  const terminal = paper();
  await listTokens(cluster.client, terminal);
  const listed = terminal.take().out;
  expect(listed[0]).toMatch(/^ID +ROLE +EXPIRES +STATE +DESCRIPTION$/);
  expect(listed[1]).toMatch(new RegExp(`^${id} +agent +20.* +valid +rack 7$`));
  expect(listed.join()).not.toContain(token);
  await revokeToken(cluster.client, terminal, id);
  expect(terminal.take().out[0]).toContain(`token ${id} revoked`);
  await listTokens(cluster.client, terminal);
  expect(terminal.take().out).toHaveLength(1);
  await expect(revokeToken(cluster.client, terminal, id)).rejects.toThrow(`there is no join token "${id}"`);
});

test('kubeconfig prints the one in use, or that of a data directory, with another address when asked', () => {
  const own = readFileSync(cluster.kubeconfig, 'utf8');
  expect(kubeconfigText(() => cluster.kubeconfig, {})).toBe(own);
  expect(kubeconfigText(() => '', { dataDir: cluster.dataDir })).toBe(own);
  const moved = parse(kubeconfigText(() => '', { dataDir: cluster.dataDir, server: 'https://127.0.0.1:1234' }));
  expect(moved.clusters[0].cluster.server).toBe('https://127.0.0.1:1234');
  expect(moved.users).toEqual(parse(own).users);
});

test.each([
  [{ dataDir: '/nowhere' }, '/nowhere/admin.kubeconfig is not there: it is made when a server'],
  [{ server: '127.0.0.1:1' }, '--server must look like https://127.0.0.1:6443, got "127.0.0.1:1"'],
  [{ server: 'http://127.0.0.1' }, '--server must look like'],
])('kubeconfig with %j says what is wrong', (options, message) => {
  expect(() => kubeconfigText(() => cluster.kubeconfig, options)).toThrow(message);
});

test('status tells of servers, nodes and pods, and that all is well', async () => {
  const terminal = paper();
  expect(await status(cluster.client, terminal)).toBe(0);
  const { out } = terminal.take();
  expect(out[0]).toMatch(/^Cluster \S+, revision \d+, as server-1 sees it$/);
  expect(out.find((line) => line.startsWith('server-1'))).toMatch(/ready +leader/);
  expect(out).toContain('Nodes: 0 of 0 ready');
  expect(out).toContain('Pods: none');
  expect(out.at(-1)).toBe('All is well.');
});

test('status ends with 1 and a sentence for a pod that finds no node and a node that is silent', async () => {
  await cluster.client.json({
    method: 'POST',
    path: '/api/v1/nodes',
    body: { metadata: { name: 'silent' } },
  });
  await cluster.client.json({
    method: 'POST',
    path: '/api/v1/namespaces/default/pods',
    body: { metadata: { name: 'homeless' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
  });
  await untilRefused();
  const terminal = paper();
  expect(await status(cluster.client, terminal)).toBe(1);
  const { out } = terminal.take();
  expect(out).toContain('Nodes: 0 of 1 ready');
  expect(out).toContain('Pods: 1 Pending');
  expect(out).toContainEqual(expect.stringMatching(/^! node silent is not ready: /));
  expect(out).toContainEqual(expect.stringMatching(/^! pod default\/homeless has no node: 0\/\d nodes are available/));
});

/** The scheduler says so soon after the pod is there. */
async function untilRefused(): Promise<void> {
  const path = '/api/v1/namespaces/default/pods';
  const stream = await cluster.client.open({ path, query: { watch: true, fieldSelector: 'metadata.name=homeless' } });
  for await (const chunk of stream) if (String(chunk).includes('"PodScheduled"')) break;
}

test('a server that does not answer is named', async () => {
  using client = new ApiClient({ ...loadKubeconfig(cluster.kubeconfig), server: 'https://127.0.0.1:1' });
  await expect(status(client, paper())).rejects.toThrow(/^https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/);
});

const kubeconfig = (user: string): string =>
  `{current-context: c, contexts: [{name: c, context: {cluster: k, user: u, namespace: n}}], clusters: [{name: k, cluster: {server: "https://a:1/"}}], users: [{name: u, user: ${user}}]}`;

test('a kubeconfig is read with inline data, files beside it, or a token', async () => {
  const file = await cluster.file('k', kubeconfig('{client-certificate: cert.pem, client-key-data: a2V5}'));
  await cluster.file('cert.pem', 'certificate');
  expect(loadKubeconfig(file)).toMatchObject({
    server: 'https://a:1',
    clientCertificate: 'certificate',
    clientKey: 'key',
    namespace: 'n',
  });
  expect(loadKubeconfig(await cluster.file('t', kubeconfig('{token: secret}'))).token).toBe('secret');
});

test.each([
  ['no YAML', '{', /cannot be read: /],
  ['not a map', 'hello', /is not a kubeconfig/],
  ['no such context', '{current-context: x, contexts: []}', /no context called "x" among contexts/],
  ['a plug-in', kubeconfig('{exec: {command: x}}'), /needs a plug-in/],
])('a kubeconfig with %s is refused with its path', async (_title, content, message) => {
  const file = await cluster.file('broken', content);
  expect(() => loadKubeconfig(file)).toThrow(message);
  expect(() => loadKubeconfig(file)).toThrow(file);
});

test('the kubeconfig that a flag names must be there', () => {
  expect(() => findKubeconfig('/nowhere/k', '/nowhere/dev')).toThrow('--kubeconfig: there is no file /nowhere/k');
});
