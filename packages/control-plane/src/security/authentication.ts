import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Authenticate } from '../http/access.ts';
import { identityOf, requesterOf } from './identity.ts';
import type { PresentedCertificate } from './join-service.ts';

/**
 * A client is who its certificate says, as far as the TLS layer has verified it against the cluster's authority. Bearer
 * tokens are not issued yet: one that is sent is unknown and refused, even beside a certificate.
 */
export const authenticateByCertificate: Authenticate = async ({ socket, authorization }) => {
  if (authorization !== undefined) return undefined;
  if (socket === undefined || !socket.authorized) return undefined;
  return requesterOf(socket.getPeerCertificate());
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
