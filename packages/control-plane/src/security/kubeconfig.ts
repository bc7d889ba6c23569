import { stringify } from 'yaml';

export interface KubeconfigEntry {
  /** `https://host:port`. */
  readonly server: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly caCertificate: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** A kubeconfig file with everything embedded, so that it works wherever it is copied. */
export function printKubeconfig(entry: KubeconfigEntry): string {
  const context = `${entry.userName}@${entry.clusterName}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: entry.clusterName,
          cluster: { server: entry.server, 'certificate-authority-data': base64(entry.caCertificate) },
        },
      ],
      users: [
        {
          name: entry.userName,
          user: {
            'client-certificate-data': base64(entry.clientCertificate),
            'client-key-data': base64(entry.clientKey),
          },
        },
      ],
      contexts: [{ name: context, context: { cluster: entry.clusterName, user: entry.userName } }],
      'current-context': context,
    },
    { lineWidth: 0 },
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
