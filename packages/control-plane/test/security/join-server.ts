import type { AddressInfo } from 'node:net';
import { ApiError } from '@berth/api';
import { memoryStore, type Store } from '@berth/store';
import { fastify } from 'fastify';
import {
  type CertificateAuthority,
  certificateAuthority,
  createCertificateAuthority,
} from '../../src/security/certificate-authority.ts';
import { FailureLimiter } from '../../src/security/failure-limiter.ts';
import { joinRoutes } from '../../src/security/join-routes.ts';
import { type ClusterDirectory, JoinService } from '../../src/security/join-service.ts';
import { nameClaims } from '../../src/security/name-claims.ts';
import { type TokenLedger, tokenLedger } from '../../src/security/token-ledger.ts';
import { generateKeyPair } from '../../src/security/x509.ts';
import { type ShiftedWorld, shiftedWorld } from './shifted-world.ts';

export interface JoinServer extends AsyncDisposable {
  readonly url: string;
  readonly world: ShiftedWorld;
  readonly store: Store;
  readonly authority: CertificateAuthority;
  readonly ledger: TokenLedger;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
  /** Names of Node objects and members that exist. */
  readonly present: Set<string>;
  token(role: 'server' | 'agent', ttlSeconds?: number): Promise<{ readonly id: string; readonly text: string }>;
}

/** One server's joining side over real TLS on a free loopback port. */
export async function startJoinServer(options: { readonly leafLifetimeMs?: number } = {}): Promise<JoinServer> {
  const world = shiftedWorld();
  const store = memoryStore(world);
  const made = await createCertificateAuthority(world);
  const authority = certificateAuthority(world, made, options.leafLifetimeMs ?? 3_600_000);
  const present = new Set<string>();
  const ledger = tokenLedger(store, world, authority.hash);
  const cluster: ClusterDirectory = {
    clusterId: store.clusterId,
    settings: { podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', clusterDomain: 'cluster.local' },
    commonServerNames: ['localhost', '127.0.0.1', '10.96.0.1'],
    servers: () => [
      { name: 's1', apiAddress: '10.0.0.1:6443', gatewayAddress: '10.0.0.1:6444', peerAddress: '10.0.0.1:6445' },
    ],
    addServer: async () => ({ memberId: 7, groupId: 'g' }),
    isPresent: async (kind, name) => present.has(`${kind}/${name}`),
  };
  const service = new JoinService({
    authority,
    ledger,
    claims: nameClaims(store, world),
    limiter: new FailureLimiter(world.clock),
    cluster,
    clock: world.clock,
  });
  const keys = await generateKeyPair();
  // Always valid, whatever the lifetime of the certificates that are handed out.
  const cert = await certificateAuthority(world, made).issue({ kind: 'server', name: 's1' }, keys.publicKey, ['s1']);
  const app = fastify({
    https: { key: keys.privateKey, cert, ca: authority.certificate, requestCert: true, rejectUnauthorized: false },
  });
  const requests: string[] = [];
  app.addHook('onRequest', async (request) => void requests.push(request.url));
  app.setErrorHandler((error, _request, reply) =>
    error instanceof ApiError ? reply.code(error.code).send(error.status) : reply.code(500).send(String(error)),
  );
  joinRoutes(app, { service, caCertificate: authority.certificate });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `https://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    world,
    store,
    authority,
    ledger,
    requests,
    present,
    async token(role, ttlSeconds = 3600) {
      const created = await ledger.create({ role, ttlSeconds, description: '' });
      if (created === undefined) throw new Error('too many tokens');
      return { id: created.record.id, text: created.text };
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
