import { createHash, X509Certificate } from 'node:crypto';
import type { World } from '@berth/world';
import { type Identity, subjectOf } from './identity.ts';
import {
  type CertificateProfile,
  createAuthorityCertificate,
  generateKeyPair,
  type Issuer,
  issueCertificate,
} from './x509.ts';

const dayMs = 24 * 3_600_000;
const authorityLifetimeMs = 10 * 365 * dayMs;
export const leafLifetimeMs: number = 90 * dayMs;

/** The cluster's root of trust: every server holds its key, everybody knows its certificate. */
export interface CertificateAuthority extends Issuer {
  /** SHA-256 of the certificate in DER, lower-case hexadecimal: the part of a join token that pins it. */
  readonly hash: string;
  /** A certificate for `identity`; `alternativeNames` are a server's DNS names and addresses. */
  issue(identity: Identity, publicKeyPem: string, alternativeNames?: readonly string[]): Promise<string>;
}

export async function createCertificateAuthority(world: World): Promise<CertificateAuthority> {
  const keys = await generateKeyPair();
  const suffix = Buffer.from(world.random.bytes(4)).toString('hex');
  const certificate = await createAuthorityCertificate(world, keys, {
    // A name of its own per cluster: two clusters on one machine never look alike in a chain of trust.
    commonName: `berth-ca-${suffix}`,
    lifetimeMs: authorityLifetimeMs,
  });
  return certificateAuthority(world, { certificate, privateKey: keys.privateKey });
}

/** `leafLifetime` is for tests. */
export function certificateAuthority(
  world: World,
  issuer: Issuer,
  leafLifetime: number = leafLifetimeMs,
): CertificateAuthority {
  return {
    ...issuer,
    hash: certificateHash(issuer.certificate),
    issue: (identity, publicKeyPem, alternativeNames = []) =>
      issueCertificate(world, issuer, publicKeyPem, {
        ...subjectOf(identity),
        usages: usages[identity.kind],
        alternativeNames: identity.kind === 'server' ? alternativeNames : [],
        lifetimeMs: leafLifetime,
      }),
  };
}

/** SHA-256 of a certificate in DER, lower-case hexadecimal. Throws when the text holds no certificate. */
export function certificateHash(certificatePem: string): string {
  return createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('hex');
}

const usages: Readonly<Record<Identity['kind'], CertificateProfile['usages']>> = {
  // A server is also the client of the other servers.
  server: ['serverAuth', 'clientAuth'],
  node: ['clientAuth'],
  admin: ['clientAuth'],
};
