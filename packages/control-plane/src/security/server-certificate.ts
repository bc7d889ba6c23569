import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { World } from '@berth/world';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { Identity } from './identity.ts';
import { readFileIfPresent, writeSecretFile } from './secret-file.ts';
import { generateKeyPair } from './x509.ts';

/** What a TLS endpoint needs, PEM. */
export interface TlsMaterial {
  readonly caCertificate: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/** The certificate in use. Endpoints read `current` when they start and follow `onChange`. */
export interface TlsSource {
  readonly current: TlsMaterial;
  onChange(listener: (material: TlsMaterial) => void): Disposable;
}

export interface ServerCertificateOptions {
  readonly world: World;
  readonly folder: string;
  readonly authority: CertificateAuthority;
  readonly identity: Identity;
  readonly alternativeNames: readonly string[];
  /** Told of every renewal, and of every one that failed. */
  report(event: { readonly kind: 'renewed' | 'failed'; readonly detail: unknown }): void;
}

export function serverKeyPath(folder: string): string {
  return join(folder, 'server.key');
}

export function serverCertificatePath(folder: string): string {
  return join(folder, 'server.crt');
}

// Frequent looks instead of one long timer: they survive a suspended machine, a clock set right, and timers' limit of 24 days.
const renewalCheckMs = 60_000;

/**
 * A server's own certificate, signed by the authority whose key every server holds, and replaced at two thirds of its
 * life, or at once when it does not fit any more.
 */
export async function openServerCertificate(options: ServerCertificateOptions): Promise<ServerCertificate> {
  const stored = await load(options);
  return new ServerCertificate(options, stored !== undefined && fits(stored, options) ? stored : await issue(options));
}

export class ServerCertificate implements TlsSource, Disposable {
  readonly #options: ServerCertificateOptions;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  readonly #checks: Disposable;
  #current: TlsMaterial;
  #dueMs: number;
  #renewing = false;

  constructor(options: ServerCertificateOptions, current: TlsMaterial) {
    this.#options = options;
    this.#current = current;
    this.#dueMs = renewalDueMs(current.certificate);
    this.#checks = options.world.timers.every(renewalCheckMs, () => void this.renewIfDue());
  }

  get current(): TlsMaterial {
    return this.#current;
  }

  onChange(listener: (material: TlsMaterial) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Never rejects: a failure is reported and tried again at the next look. */
  async renewIfDue(): Promise<void> {
    if (this.#renewing || this.#options.world.clock.wallMs() < this.#dueMs) return;
    this.#renewing = true;
    try {
      this.#current = await issue(this.#options);
      this.#dueMs = renewalDueMs(this.#current.certificate);
      for (const listener of [...this.#listeners]) listener(this.#current);
      this.#options.report({
        kind: 'renewed',
        detail: { notAfter: new X509Certificate(this.#current.certificate).validTo },
      });
    } catch (error) {
      this.#options.report({ kind: 'failed', detail: error });
    } finally {
      this.#renewing = false;
    }
  }

  [Symbol.dispose](): void {
    this.#checks[Symbol.dispose]();
    this.#listeners.clear();
  }
}

/** When two thirds of a certificate's life are over, in milliseconds since the Unix epoch. */
export function renewalDueMs(certificatePem: string): number {
  const certificate = new X509Certificate(certificatePem);
  const notBefore = certificate.validFromDate.getTime();
  return notBefore + ((certificate.validToDate.getTime() - notBefore) * 2) / 3;
}

/** Whether a certificate found on disk can go on: of this authority, not due, and good for all names wanted now. */
function fits(material: TlsMaterial, options: ServerCertificateOptions): boolean {
  const certificate = new X509Certificate(material.certificate);
  return (
    certificate.verify(new X509Certificate(options.authority.certificate).publicKey) &&
    options.world.clock.wallMs() < renewalDueMs(material.certificate) &&
    options.alternativeNames.every((name) => isNamed(certificate, name))
  );
}

function isNamed(certificate: X509Certificate, name: string): boolean {
  return certificate.checkHost(name) !== undefined || certificate.checkIP(name) !== undefined;
}

async function load(options: ServerCertificateOptions): Promise<TlsMaterial | undefined> {
  const [certificate, privateKey] = await Promise.all([
    readFileIfPresent(serverCertificatePath(options.folder)),
    readFileIfPresent(serverKeyPath(options.folder)),
  ]);
  if (certificate === undefined || privateKey === undefined) return undefined;
  const matches = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
  return matches ? { caCertificate: options.authority.certificate, certificate, privateKey } : undefined;
}

async function issue(options: ServerCertificateOptions): Promise<TlsMaterial> {
  const keys = await generateKeyPair();
  const certificate = await options.authority.issue(options.identity, keys.publicKey, options.alternativeNames);
  // A crash between the two files leaves a pair that does not match; `load` notices and a new one is made.
  await writeSecretFile(serverKeyPath(options.folder), keys.privateKey);
  await writeSecretFile(serverCertificatePath(options.folder), certificate);
  return { caCertificate: options.authority.certificate, certificate, privateKey: keys.privateKey };
}
