import { createHash, X509Certificate } from 'node:crypto';
import type { World } from '@berth/world';
import type { Log } from '../logging/log.ts';
import { certificateRequest, newPrivateKey } from './certificate-request.ts';
import { clusterRequest, JoinError } from './cluster-request.ts';
import { parseJoinToken } from './join-token.ts';
import { type ClusterSettings, type IdentityFiles, type NodeIdentity, parseServers } from './node-identity.ts';
import { serverFault } from './server-proof.ts';

const retryMsMin = 500;
const retryMsMax = 10_000;

export interface JoinOptions {
  readonly nodeName: string;
  /** `https://host:port` of servers, tried in turn. */
  readonly servers: readonly string[];
  readonly token: string;
  readonly files: IdentityFiles;
  readonly world: World;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Makes this machine a node of the cluster, as docs/join-protocol.md says; goes on trying while nobody answers, rejects with a `JoinError` when
 * trying again cannot help.
 */
export async function joinCluster(options: JoinOptions): Promise<NodeIdentity> {
  const { nodeName, servers, files, world, log, signal } = options;
  const token = parseJoinToken(options.token);
  if (token === undefined) throw refusal('the join token must look like "berth1.agent.<id>.<secret>.<ca-hash>"');
  if (token.role !== 'agent')
    throw refusal('this token is for servers; a node joins with one made by `berth token create --role agent`');
  if (servers.length === 0) throw refusal('the address of a server is missing: --server https://HOST:6443');
  const privateKey = (await files.loadJoiningKey()) ?? newPrivateKey();
  await files.saveJoiningKey(privateKey);
  for (let attempt = 0, pauseMs = retryMsMin; ; attempt += 1) {
    const server = servers[attempt % servers.length] ?? '';
    try {
      const identity = await joinAt(server, {
        nodeName,
        token: options.token.trim(),
        caHash: token.caHash,
        privateKey,
      });
      await files.save(identity);
      return identity;
    } catch (error) {
      if (!(error instanceof JoinError) || !error.retry) throw error;
      log.warn({ server, error: error.message }, 'joining failed; trying again');
    }
    if ((attempt + 1) % servers.length > 0) continue;
    await world.timers.sleep(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, retryMsMax);
  }
}

async function joinAt(
  server: string,
  { nodeName, token, caHash, privateKey }: { nodeName: string; token: string; caHash: string; privateKey: string },
): Promise<NodeIdentity> {
  // Nothing is trusted and nothing secret is sent yet: what comes back counts only if it has the token's hash.
  const first = await clusterRequest({
    server,
    path: '/berth/v1/ca',
    method: 'GET',
    trust: { rejectUnauthorized: false },
  });
  const ca = verifiedCa(server, first['caCertificate'], caHash);
  const answer = await clusterRequest({
    server,
    path: '/berth/v1/join',
    method: 'POST',
    body: { token, name: nodeName, certificateRequest: certificateRequest(privateKey, nodeName) },
    trust: { ca, checkServerIdentity: (_host, certificate) => serverFault(certificate) },
  });
  return { nodeName, privateKey, ...joinAnswer(answer) };
}

function verifiedCa(server: string, pem: unknown, wanted: string): string {
  const found = typeof pem === 'string' ? hashOf(pem) : undefined;
  if (typeof pem !== 'string' || found === undefined) {
    throw refusal(`${server} did not answer with a CA certificate: is it a Berth server?`);
  }
  if (found !== wanted) {
    const host = new URL(server).host;
    throw refusal(
      `the server at ${host} belongs to another cluster: its CA certificate has hash ${found}, the token wants ${wanted}`,
    );
  }
  return pem;
}

function hashOf(pem: string): string | undefined {
  try {
    return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
  } catch {
    return undefined;
  }
}

function joinAnswer(answer: Readonly<Record<string, unknown>>): Omit<NodeIdentity, 'nodeName' | 'privateKey'> {
  const { certificate, caCertificate, clusterId, servers, settings } = answer;
  if (typeof certificate !== 'string' || typeof caCertificate !== 'string' || typeof clusterId !== 'string') {
    throw new JoinError('the answer to the join request has no certificate', { retry: true });
  }
  return {
    certificate,
    caCertificate,
    clusterId,
    servers: parseServers(servers),
    settings: settings as ClusterSettings,
  };
}

function refusal(message: string): JoinError {
  return new JoinError(message, { retry: false });
}
