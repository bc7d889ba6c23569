import type { Container, PodSpec } from '@berth/api';

/** A port of the node itself that a pod occupies. */
export interface HostPort {
  readonly port: number;
  readonly protocol: string;
  /** `0.0.0.0` stands for every address of the node. */
  readonly address: string;
}

const everyAddress = '0.0.0.0';

export function hostPorts(spec: PodSpec): readonly HostPort[] {
  const sidecars = spec.initContainers?.filter((container) => container.restartPolicy === 'Always') ?? [];
  return [...sidecars, ...spec.containers].flatMap((container: Container) =>
    (container.ports ?? [])
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostPort, protocol, hostIP }) => ({
        port: hostPort ?? 0,
        protocol: protocol ?? 'TCP',
        address: hostIP === undefined || hostIP === '' ? everyAddress : hostIP,
      })),
  );
}

/** Two pods cannot have both ports on one node. */
export function portsConflict(left: HostPort, right: HostPort): boolean {
  return (
    left.port === right.port &&
    left.protocol === right.protocol &&
    (left.address === right.address || left.address === everyAddress || right.address === everyAddress)
  );
}
