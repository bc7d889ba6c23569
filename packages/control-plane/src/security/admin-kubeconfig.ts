import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { World } from '@berth/world';
import { parse } from 'yaml';
import type { CertificateAuthority } from './certificate-authority.ts';
import { adminIdentity } from './identity.ts';
import { printKubeconfig } from './kubeconfig.ts';
import { readFileIfPresent, writeSecretFile } from './secret-file.ts';
import { renewalDueMs } from './server-certificate.ts';
import { generateKeyPair } from './x509.ts';

export interface AdminKubeconfigOptions {
  readonly world: World;
  readonly dataDir: string;
  readonly authority: CertificateAuthority;
  /** `https://host:port` of this server. */
  readonly server: string;
}

export interface AdminKubeconfig extends Disposable {
  readonly path: string;
}

const lookMs = 3_600_000;

/**
 * Leaves a kubeconfig with an administrator's certificate in the data directory, where only root can read it, and looks after it every
 * hour. It is kept as long as it fits: a new one is written when the certificate is past two thirds of its life, or the server has moved.
 */
export async function keepAdminKubeconfig(
  options: AdminKubeconfigOptions,
  report: (error: unknown) => void,
): Promise<AdminKubeconfig> {
  const path = adminKubeconfigPath(options.dataDir);
  await writeIfDue(path, options);
  const looks = options.world.timers.every(lookMs, () => void writeIfDue(path, options).catch(report));
  return { path, [Symbol.dispose]: () => looks[Symbol.dispose]() };
}

async function writeIfDue(path: string, options: AdminKubeconfigOptions): Promise<void> {
  const present = await readFileIfPresent(path);
  if (present !== undefined && stillFits(present, options)) return;
  const keys = await generateKeyPair();
  const kubeconfig = printKubeconfig({
    server: options.server,
    clusterName: 'berth',
    userName: adminIdentity.name,
    caCertificate: options.authority.certificate,
    clientCertificate: await options.authority.issue(adminIdentity, keys.publicKey),
    clientKey: keys.privateKey,
  });
  await writeSecretFile(path, kubeconfig);
}

export function adminKubeconfigPath(dataDir: string): string {
  return join(dataDir, 'admin.kubeconfig');
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  readonly users: readonly { readonly user: { readonly 'client-certificate-data': string } }[];
}

function stillFits(text: string, { authority, server, world }: AdminKubeconfigOptions): boolean {
  try {
    const { clusters, users } = parse(text) as Kubeconfig;
    const certificate = Buffer.from(users[0]?.user['client-certificate-data'] ?? '', 'base64').toString();
    return (
      clusters[0]?.cluster.server === server &&
      new X509Certificate(certificate).verify(new X509Certificate(authority.certificate).publicKey) &&
      world.clock.wallMs() < renewalDueMs(certificate)
    );
  } catch {
    // Not ours, or damaged: a new one takes its place.
    return false;
  }
}
