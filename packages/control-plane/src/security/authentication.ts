import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Authenticate } from '../http/access.ts';
import type { Requester } from '../registry/registry.ts';
import { identityOf, requesterOf } from './identity.ts';
import type { PresentedCertificate } from './join-service.ts';

/** Who a connection's client is. Reading a certificate costs as much as a small request, and none changes: there is no renegotiation. */
const peers = new WeakMap<TLSSocket, { readonly requester: Requester | undefined }>();

/**
 * A client is who its certificate says, as far as the TLS layer has verified it against the cluster's authority. Bearer
 * tokens are not issued yet: one that is sent is unknown and refused, even beside a certificate.
 */
export const authenticateByCertificate: Authenticate = async ({ socket, authorization }) => {
  if (authorization !== undefined) return undefined;
  if (socket === undefined || !socket.authorized) return undefined;
  let peer = peers.get(socket);
  if (peer === undefined) {
    peer = { requester: requesterOf(socket.getPeerCertificate()) };
    peers.set(socket, peer);
  }
  return peer.requester;
};

/**
 * The client certificate for a renewal: like any other, but it may have ended. TLS has refused to vouch for it then, so
 * its signature is verified here.
 */
export function presentedCertificate(socket: TLSSocket, caCertificate: string): PresentedCertificate | undefined {
  const raw = socket.getPeerCertificate().raw as Buffer | undefined;
  if (raw === undefined) return undefined;
  const certificate = new X509Certificate(raw);
  if (!certificate.verify(new X509Certificate(caCertificate).publicKey) || certificate.ca) return undefined;
  const requester = requesterOf(socket.getPeerCertificate());
  const identity = requester === undefined ? undefined : identityOf(requester);
  if (identity === undefined) return undefined;
  return {
    identity,
    publicKeyPem: certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    notAfterMs: certificate.validToDate.getTime(),
  };
}
