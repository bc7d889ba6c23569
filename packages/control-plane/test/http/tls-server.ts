import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realWorld } from '@berth/world';
import type { ApiServerOptions, TlsOptions } from '../../src/http/server-options.ts';
import { authenticateByCertificate } from '../../src/security/authentication.ts';
import { authorizeByGroup } from '../../src/security/authorization.ts';
import { createCertificateAuthority } from '../../src/security/certificate-authority.ts';
import type { Identity } from '../../src/security/identity.ts';
import { printKubeconfig } from '../../src/security/kubeconfig.ts';
import { generateKeyPair } from '../../src/security/x509.ts';
import { openServer, type ServerFixture } from './server-fixture.ts';

export interface TlsServer extends AsyncDisposable {
  readonly server: ServerFixture;
  readonly address: { readonly host: string; readonly port: number };
  /** Made for this test and removed with it. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly ca: string;
  readonly admin: ClientCertificate;
  /** Another client of the same cluster. */
  issue(identity: Identity): Promise<ClientCertificate>;
}

interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A server as users meet it: TLS on a free loopback port, client certificates, a kubeconfig in a folder of its own. */
export async function openTlsServer(
  options: Partial<ApiServerOptions> = {},
  tlsOptions: Partial<TlsOptions> = {},
): Promise<TlsServer> {
  const authority = await createCertificateAuthority(realWorld);
  const issue = async (identity: Identity, names: readonly string[] = []): Promise<ClientCertificate> => {
    const keys = await generateKeyPair();
    return { cert: await authority.issue(identity, keys.publicKey, names), key: keys.privateKey };
  };
  const own = await issue({ kind: 'server', name: 'server-1' }, ['localhost', '127.0.0.1']);
  const admin = await issue({ kind: 'admin', name: 'berth-admin' });
  const server = await openServer({
    world: realWorld,
    authenticate: async (credentials) =>
      (await authenticateByCertificate(credentials)) ??
      (credentials.authorization === 'Bearer admin' ? { user: 'test', groups: ['system:masters'] } : undefined),
    authorize: authorizeByGroup,
    tls: { ...own, ca: authority.certificate, ...tlsOptions },
    ...options,
  });
  const address = await server.listen('127.0.0.1', 0);
  const folder = await mkdtemp(join(tmpdir(), 'berth-http-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    printKubeconfig({
      server: `https://127.0.0.1:${address.port}`,
      clusterName: 'test',
      userName: 'berth-admin',
      caCertificate: authority.certificate,
      clientCertificate: admin.cert,
      clientKey: admin.key,
    }),
    { mode: 0o600 },
  );
  return {
    server,
    address,
    folder,
    kubeconfig,
    ca: authority.certificate,
    admin,
    issue,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
