import type { Pod } from '@berth/api';

/** Kernel settings that belong to a pod's own namespaces and cannot harm others (Kubernetes' list of safe sysctls). */
const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

/** The first setting that this node does not grant; undefined when all are fine. */
export function forbiddenSysctl(pod: Pod): string | undefined {
  return pod.spec.securityContext?.sysctls
    ?.map(({ name }) => name.replaceAll('/', '.'))
    .find((name) => !safe.has(name));
}
