import type { PeerCertificate } from 'node:tls';

const serversGroup = 'system:servers';

/**
 * Whether the other end of a connection is a server of the cluster: its certificate (already verified against the cluster's CA) belongs to
 * the servers' group. The host name is not compared, since every server is trusted alike and may be reached under any address.
 */
export function serverFault(certificate: PeerCertificate): Error | undefined {
  const organisation: unknown = certificate.subject?.O;
  const groups = Array.isArray(organisation) ? organisation : [organisation];
  if (groups.includes(serversGroup)) return undefined;
  return new Error(
    `the certificate belongs to ${certificate.subject?.CN ?? 'nobody'}, not to a server of this cluster`,
  );
}
