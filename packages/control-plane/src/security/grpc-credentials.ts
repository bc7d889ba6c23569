import { type ChannelCredentials, experimental, type ServerCredentials } from '@grpc/grpc-js';
import { groups, requesterOf } from './identity.ts';
import type { TlsMaterial, TlsSource } from './server-certificate.ts';

/** Mutual TLS for a gRPC server that goes on with a renewed certificate: new connections get it, old ones stay. */
export function grpcServerCredentials(source: TlsSource): ServerCredentials {
  const provider = new FollowingCertificateProvider(source);
  return experimental.createCertificateProviderServerCredentials(provider, provider, true);
}

/**
 * Mutual TLS towards another server. Host names are not compared: what makes a server is the cluster's authority and
 * the organisation of its certificate (docs/join-protocol.md, step 2).
 */
export function grpcChannelCredentials(source: TlsSource): ChannelCredentials {
  const provider = new FollowingCertificateProvider(source);
  return experimental.createCertificateProviderChannelCredentials(provider, provider, {
    checkServerIdentity: (_host, certificate) => serverIdentityFault(certificate),
  });
}

/** For `checkServerIdentity`: undefined when the certificate is a server's of whatever name. */
export function serverIdentityFault(certificate: Parameters<typeof requesterOf>[0]): Error | undefined {
  const requester = requesterOf(certificate);
  if (requester?.groups.includes(groups.servers)) return undefined;
  return new Error(`${requester?.user ?? 'a certificate without a name'} is not a server of the cluster`);
}

type CaListener = experimental.CaCertificateUpdateListener;
type IdentityListener = experimental.IdentityCertificateUpdateListener;

/** Hands the current certificate to each gRPC endpoint that asks, and every later one. */
class FollowingCertificateProvider implements experimental.CertificateProvider {
  readonly #source: TlsSource;
  readonly #following = new Map<CaListener | IdentityListener, Disposable>();

  constructor(source: TlsSource) {
    this.#source = source;
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#follow(listener, (material) => listener({ caCertificate: Buffer.from(material.caCertificate) }));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#forget(listener);
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#follow(listener, (material) =>
      listener({ certificate: Buffer.from(material.certificate), privateKey: Buffer.from(material.privateKey) }),
    );
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#forget(listener);
  }

  #follow(listener: CaListener | IdentityListener, tell: (material: TlsMaterial) => void): void {
    this.#following.set(listener, this.#source.onChange(tell));
    // grpc-js forgets what it is told before `add…Listener` has returned.
    process.nextTick(() => tell(this.#source.current));
  }

  #forget(listener: CaListener | IdentityListener): void {
    this.#following.get(listener)?.[Symbol.dispose]();
    this.#following.delete(listener);
  }
}
