import type { PeerCertificate } from 'node:tls';
import { type ChannelCredentials, credentials, experimental, type ServerCredentials } from '@grpc/grpc-js';

/** PEM of this server's certificate, its key, and the cluster's CA. */
export interface PeerTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

type Provider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0];
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<Provider['addIdentityCertificateListener']>[0];

const serverOrganisation = 'system:servers';
const serverNamePrefix = 'system:server:';

/** The certificate of this server, which may be replaced at any time: new connections use the new one, old ones live on. */
export class PeerCredentials {
  readonly #caListeners = new Set<CaListener>();
  readonly #identityListeners = new Set<IdentityListener>();
  #tls: PeerTls;
  #generation = 1;

  constructor(tls: PeerTls) {
    this.#tls = tls;
  }

  /** Counts the certificates. */
  get generation(): number {
    return this.#generation;
  }

  replace(tls: PeerTls): void {
    this.#tls = tls;
    this.#generation += 1;
    for (const listener of this.#caListeners) listener(this.#ca());
    for (const listener of this.#identityListeners) listener(this.#identity());
  }

  /** For one connection to the server of that name, or to any server of the cluster while its name is not known. */
  forChannel(name: string | undefined): ChannelCredentials {
    const { ca, cert, key } = this.#tls;
    return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert), {
      checkServerIdentity: (_host, certificate) => {
        const found = serverName(certificate);
        if (found !== undefined && (name === undefined || found === name)) return undefined;
        const subject = JSON.stringify(certificate.subject);
        return new Error(
          `the peer should be server ${name ?? '(any)'} of this cluster, its certificate says ${subject}`,
        );
      },
    });
  }

  /** The server begins to listen to its credentials only after it has registered: what is told at once would be lost. */
  forServer(): ServerCredentials {
    const provider: Provider = {
      addCaCertificateListener: (listener) => {
        this.#caListeners.add(listener);
        queueMicrotask(() => listener(this.#ca()));
      },
      removeCaCertificateListener: (listener) => void this.#caListeners.delete(listener),
      addIdentityCertificateListener: (listener) => {
        this.#identityListeners.add(listener);
        queueMicrotask(() => listener(this.#identity()));
      },
      removeIdentityCertificateListener: (listener) => void this.#identityListeners.delete(listener),
    };
    return experimental.createCertificateProviderServerCredentials(provider, provider, true);
  }

  #ca(): Parameters<CaListener>[0] {
    return { caCertificate: Buffer.from(this.#tls.ca) };
  }

  #identity(): Parameters<IdentityListener>[0] {
    return { certificate: Buffer.from(this.#tls.cert), privateKey: Buffer.from(this.#tls.key) };
  }
}

/** Which server a verified certificate belongs to; undefined when it is none of a server. */
export function serverName(certificate: PeerCertificate): string | undefined {
  const { O: organisations, CN: commonName } = certificate.subject ?? {};
  const isServer = Array.isArray(organisations)
    ? organisations.includes(serverOrganisation)
    : organisations === serverOrganisation;
  if (!isServer || typeof commonName !== 'string' || !commonName.startsWith(serverNamePrefix)) return undefined;
  return commonName.slice(serverNamePrefix.length);
}
