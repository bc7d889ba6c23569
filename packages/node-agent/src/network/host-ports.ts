import type { Pod } from '@berth/api';

/** A port of the machine that leads to a port of a pod. */
export interface HostPort {
  readonly protocol: 'tcp' | 'udp';
  readonly hostPort: number;
  readonly containerPort: number;
  /** The address of the machine it is bound to; empty = all. */
  readonly hostIp: string;
}

/** With the machine's own network programs bind their ports themselves. */
export function hostPortsOf(pod: Pod): readonly HostPort[] {
  if (pod.spec.hostNetwork === true) return [];
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, containerPort, protocol = 'TCP', hostIP = '' }) => {
      if (hostPort === undefined || hostPort === 0 || (protocol !== 'TCP' && protocol !== 'UDP')) return [];
      const kind = protocol === 'TCP' ? 'tcp' : 'udp';
      return [{ protocol: kind, hostPort, containerPort, hostIp: hostIP === '0.0.0.0' ? '' : hostIP } as const];
    }),
  );
}

/** As a label keeps them: `tcp:8080:80:`, `udp:53:5353:10.0.0.1`, separated by commas. */
export function formatHostPorts(ports: readonly HostPort[]): string {
  return ports
    .map(({ protocol, hostPort, containerPort, hostIp }) => [protocol, hostPort, containerPort, hostIp].join(':'))
    .join(',');
}

export function parseHostPorts(text: string): readonly HostPort[] {
  return text.split(',').flatMap((entry) => {
    const parts = /^(tcp|udp):(\d{1,5}):(\d{1,5}):([0-9.]*)$/.exec(entry);
    if (parts === null) return [];
    const [, protocol, hostPort, containerPort, hostIp = ''] = parts;
    const kind = protocol === 'tcp' ? 'tcp' : 'udp';
    return [{ protocol: kind, hostPort: Number(hostPort), containerPort: Number(containerPort), hostIp } as const];
  });
}
