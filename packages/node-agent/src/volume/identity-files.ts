import type { Pod } from '@berth/api';

/** What `hostname` prints in the pod's containers: at most 63 characters, the kernel's and DNS' limit. */
export function podHostname(pod: Pod, clusterDomain: string): string {
  const short = shortHostname(pod);
  const full = qualifiedName(pod, clusterDomain);
  return pod.spec.setHostnameAsFQDN === true && full !== undefined && full.length <= 64 ? full : short;
}

function shortHostname(pod: Pod): string {
  const name = pod.spec.hostname ?? pod.metadata.name ?? '';
  return name.length <= 63 ? name : name.slice(0, 63).replace(/[-.]+$/, '');
}

function qualifiedName(pod: Pod, clusterDomain: string): string | undefined {
  const { subdomain } = pod.spec;
  if (subdomain === undefined || subdomain === '') return undefined;
  return `${shortHostname(pod)}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
}

/** The pod's /etc/hosts; the first line is Kubernetes' own, since tools look for it. */
export function hostsFile(pod: Pod, podIp: string, clusterDomain: string): string {
  const short = shortHostname(pod);
  const full = qualifiedName(pod, clusterDomain);
  const own = full === undefined ? short : `${full}\t${short}`;
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...(podIp === '' ? [] : [`${podIp}\t${own}`]),
    ...aliasLines(pod),
    '',
  ].join('\n');
}

/** With the machine's network the machine's own names hold. */
export function machineHostsFile(pod: Pod, machineHosts: string): string {
  return ['# Kubernetes-managed hosts file (host network).', machineHosts.trimEnd(), ...aliasLines(pod), ''].join('\n');
}

function aliasLines(pod: Pod): readonly string[] {
  const aliases = pod.spec.hostAliases ?? [];
  if (aliases.length === 0) return [];
  return [
    '',
    '# Entries added by HostAliases.',
    ...aliases.map(({ ip, hostnames }) => [ip, ...(hostnames ?? [])].join('\t')),
  ];
}
